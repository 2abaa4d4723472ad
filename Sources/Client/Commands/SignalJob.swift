import ArgumentParser
import JobsAPI

/// `cmdctl kill`: sends jobs a signal.
struct SignalJob: Verb {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "Send jobs a signal, SIGKILL unless told otherwise.",
        usage: "cmdctl kill [options] <job> ...",
        discussion: """
            EXAMPLES:
              cmdctl kill build
              cmdctl kill -s HUP web      by name, with or without SIG
              cmdctl kill -s 10 web       by number
            """,
        aliases: ["signal"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The signal, by name or number.", valueName: "signal"),
        transform: SignalName.init(parsing:))
    var signal = SignalName(number: 9)

    @Argument(help: .job)
    var jobs: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        try JobBatch(jobs: jobs, session: session, isSilent: globals.output == nil)
            .run { caller, index throws(Failure) in
                var request = Cmdctl_V1_SignalJobRequest()
                request.job = jobs[index]
                request.signal = signal.number
                return try caller.begin(.signalJob, request).map(\.job)
            }
    }
}
