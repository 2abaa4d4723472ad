import ArgumentParser
import JobsAPI

/// `cmdctl get-status`: all that is known of one job.
struct GetJob: Verb {
    static let configuration = CommandConfiguration(
        commandName: "get-status",
        abstract: "Show all that is known of a job.",
        usage: "cmdctl get-status [options] <job>",
        discussion: """
            EXAMPLES:
              cmdctl get-status build             by name
              cmdctl get-status 0192f3            by the beginning of its id
              cmdctl get-status -o json build     for a program
            """,
        aliases: ["status", "get"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Argument(help: .job)
    var job: String

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        var request = Cmdctl_V1_GetJobRequest()
        request.job = job
        let response = try session.connect().answer(to: .getJob, request)
        try session.print(try session.renderer.job(response.job))
        return .success
    }
}

extension ArgumentHelp {
    /// How every verb names a job.
    static let job = ArgumentHelp(
        "Id, at least four characters of its beginning, or name; an admin may write tenant/name.",
        valueName: "job")
}
