import ArgumentParser
import JobsAPI
import SwiftProtobuf

/// `cmdctl get-output`: what a job wrote and writes, byte for byte.
struct GetOutput: Verb {
    static let configuration = CommandConfiguration(
        commandName: "get-output",
        abstract: "Stream what a job writes, from its beginning until the job ends.",
        usage: "cmdctl get-output [options] <job>",
        discussion: """
            EXAMPLES:
              cmdctl get-output build                 until the job ends; ^C only leaves
              cmdctl get-output --no-follow build     what there is now
              cmdctl get-output --from-now build      only what comes
              cmdctl get-output -t build 2>/dev/null  with times, standard output only
              cmdctl get-output --exit-code build     and exit as the job does

            What the job wrote to its standard output goes to standard output, and its standard \
            error to standard error: raw bytes, in the order the server saw them. A server that is \
            restarted meanwhile, or a connection that breaks, costs no byte and needs no hand.
            """,
        aliases: ["output", "logs"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
    @OptionGroup var options: OutputOptions
    @OptionGroup var reconnection: ReconnectOptions

    @Flag(help: "Exit as the job did: its code, or 128 and the signal's number.")
    var exitCode = false

    @Argument(help: .job)
    var job: String

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let connection = try session.connectLastingly(reconnection)
        // A name may become another job's while we follow; an id does not.
        let request = Cmdctl_V1_GetJobRequest.with { $0.job = job }
        let found = try connection.perform { caller throws(Failure) in
            try caller.answer(to: .getJob, request).job
        }
        return try OutputFollowing(
            jobID: found.id, start: options.start(in: found), options: options,
            mirrorsJob: exitCode
        ).run(over: connection, in: session)
    }
}

/// From where output is wanted, how far, and in what form.
struct OutputOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Stay until the job has ended.")
    var follow = true

    @Flag(help: "Skip what is there; show only what comes.")
    var fromNow = false

    @Option(help: ArgumentHelp("Start at this byte, counted from 0.", valueName: "byte"))
    var offset: UInt64?

    @Flag(name: .shortAndLong, help: "Put the time before each line, in UTC.")
    var timestamps = false

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Say on standard error how the job ended; done anyway if that is a terminal, or if the "
                + "job is lost and cmdctl exits as it did."))
    var verdict: Bool?

    /// The whole output, as it is.
    static let plain: OutputOptions = {
        var options = OutputOptions()
        options.follow = true
        options.fromNow = false
        options.offset = nil
        options.timestamps = false
        options.verdict = nil
        return options
    }()

    func validate() throws {
        if fromNow, offset != nil {
            throw ValidationError(
                "--from-now and --offset both name a beginning. Give one of them.")
        }
        if fromNow, !follow {
            throw ValidationError(
                "--from-now with --no-follow would show nothing. Give one of them.")
        }
    }

    /// The first byte that is wanted of `job`.
    func start(in job: Cmdctl_V1_Job) -> UInt64 {
        fromNow ? job.outputSize : offset ?? 0
    }
}
