import ArgumentParser
import JobsAPI

/// `cmdctl shutdown`: ends the server gracefully.
struct ShutdownServer: Verb {
    static let configuration = CommandConfiguration(
        commandName: "shutdown",
        abstract: "End the server gracefully; only admins may.",
        usage: "cmdctl shutdown [options]",
        discussion: """
            EXAMPLES:
              cmdctl shutdown                its jobs run on, unless its on_shutdown says stop
              cmdctl shutdown --stop-jobs    stop every job first
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Flag(help: "Stop every job first, with the default grace.")
    var stopJobs = false

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        var request = Cmdctl_V1_ShutdownServerRequest()
        request.stopJobs = stopJobs
        let caller = try session.connect()
        _ = try caller.answer(to: .shutdownServer, request)
        session.say("the server is shutting down\(stopJobs ? ", its jobs first" : "")")
        return .success
    }
}
