import ArgumentParser
import FoundationEssentials
import JobsAPI
import SwiftProtobuf

/// `cmdctl run`: starts a command and prints its id, or follows it to its end.
struct StartJob: Verb, PreparsedCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Start a command as a job; print its id.",
        usage: "cmdctl run [options] [--] <program> [<argument> ...]\n"
            + "cmdctl run [options] --shell <line>",
        discussion: """
            EXAMPLES:
              cmdctl run -- ls -la /                  all behind -- is the job's
              cmdctl run --follow -- make test        exit as it does; ^C leaves it
              cmdctl run --name web -e PORT=80 web    named, with one variable
              cmdctl run --shell 'date; uptime | wc'  a line for /bin/sh
              cmdctl run --timeout 10m -- make test   stopped if it takes longer
              cmdctl run --rootfs alpine -- sh        over the files of an image
              id=$(cmdctl run sleep 60)               prints nothing but the id
              cmdctl run --max-cpu 50% --max-mem 1G -- make
              cmdctl run --network private -- curl https://example.org
              cmdctl run --dry-run --max-mem 1G -- make     what it would get

            The command begins with the first word that is not an option of run, or behind --.
            """,
        aliases: ["start"])

    static let optionsWithValue = LimitOptions.optionsWithValue.union([
        "--name", "--env", "-e", "--label", "-l", "--cwd", "--shell", "--isolation", "--network",
        "--rootfs",
        "--user", "--request-id", "--reconnect-timeout", "--timeout", "--log-max", "--log-full",
        "--stdin-file", "--stdin-text",
    ])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Flag(name: .shortAndLong, help: "Stream the output, and exit as the job does.")
    var follow = false

    @Option(help: ArgumentHelp("Name for the job, unique among your live jobs.", valueName: "name"))
    var name: String?

    @Option(
        name: [.customShort("e"), .long],
        help: ArgumentHelp(
            "Variable for the job; KEY alone passes on its value from here. Repeatable.",
            valueName: "key=value"))
    var env: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Label to find the job by. Repeatable.", valueName: "key=value"),
        transform: KeyValue.label)
    var label: [KeyValue] = []

    @Option(help: ArgumentHelp("Directory to start in; / unless given.", valueName: "directory"))
    var cwd: String?

    @Option(help: ArgumentHelp("A line for /bin/sh -c instead of a program.", valueName: "line"))
    var shell: String?

    @Flag(help: "One pipe for both streams: exact order, no telling which was which.")
    var merge = false

    @Option(
        help: ArgumentHelp(
            "How far to keep the job apart from the host: strict (a world of its own; the default "
                + "of a server that is root), image (the same over the files of --rootfs), or host.",
            valueName: "profile"))
    var isolation: IsolationProfile?

    @Option(
        help: ArgumentHelp(
            "User of the server's host to run as, with --isolation host.", valueName: "name"))
    var user: String?

    @Option(
        help: ArgumentHelp(
            "What the job can reach: none (itself), private (what lies beyond the host, and no "
                + "other job), or host (all that the server's host does). None unless given, but "
                + "with --isolation host.", valueName: "network"))
    var network: NetworkProfile?

    @Option(
        help: ArgumentHelp(
            "Image that is the job's root directory; what it changes there ends with it. Implies "
                + "--isolation image.", valueName: "image"))
    var rootfs: String?

    @Option(
        help: ArgumentHelp(
            "A UUID: repeating a run with the same one starts nothing new. A random one unless "
                + "given.", valueName: "uuid"),
        transform: RequestIDText.read)
    var requestID: String?

    @Option(
        help: ArgumentHelp(
            "How long the job may run; then it is stopped, and --follow exits with 124.",
            valueName: "duration"),
        transform: DurationText.init(parsing:))
    var timeout: DurationText?

    @Flag(help: "Only check: show the job as it would be, and start nothing.")
    var dryRun = false

    @OptionGroup(title: "What the job may take") var limits: LimitOptions

    @Option(
        help: ArgumentHelp(
            "How much output to keep, as 100M; at most and unless given what the server allows.",
            valueName: "bytes"),
        transform: ByteSize.init(parsing:))
    var logMax: ByteSize?

    @Option(
        help: ArgumentHelp(
            "What goes beyond: keep gives up the oldest output, drop the newest, stop ends the job.",
            valueName: "what"))
    var logFull: LogFullWord?

    @Option(
        help: ArgumentHelp(
            "What the job reads, at most 1 MiB; - for what cmdctl reads. Nothing unless given.",
            valueName: "file"))
    var stdinFile: String?

    @Option(help: ArgumentHelp("A text for the job to read, instead of a file.", valueName: "text"))
    var stdinText: String?

    @OptionGroup var reconnection: ReconnectOptions

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String] = []

    /// Takes the job's command away, all but the program, which is put behind a `--`.
    static func arranged(_ words: [String]) -> CommandWords {
        let end = CommandWords.optionsEnd(in: words, from: 0, of: Self.self)
        guard end < words.count else { return CommandWords(words: words) }
        let command = words[(words[end] == "--" ? end + 1 : end)...]
        return CommandWords(
            words: words[..<end] + ["--"] + command.prefix(1), jobCommand: Array(command))
    }

    func validate() throws {
        switch (shell, command.first) {
        case (nil, nil):
            throw ValidationError(
                "There is nothing to run. Give a program and its arguments, or --shell LINE.")
        case (_?, let program?):
            throw ValidationError(
                "There is a line for the shell and also a program, '\(program)'. Give one of them; "
                    + "a line with spaces in it needs quotes.")
        default: break
        }
        if stdinFile != nil && stdinText != nil {
            throw ValidationError("There is a file to read and also a text. Give one of them.")
        }
    }

    /// Before anything is asked of the server: whoever types the input takes their time.
    private func standardInput(in session: Session) throws(Failure) -> [UInt8] {
        if let stdinText { return Array(stdinText.utf8) }
        guard let stdinFile else { return [] }
        return try InputReader(session: session).contents(of: stdinFile)
    }

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        if dryRun { return try preview(in: session) }
        let input = try standardInput(in: session)
        let connection = try session.connectLastingly(reconnection)
        let job = try start(reading: input, over: connection, in: session)
        if job.state == .queued {
            session.say("queued, position \(job.queuePosition)")
        }
        guard follow else {
            try session.print(try idOrJob(job, in: session))
            return .success
        }
        return try OutputFollowing(
            jobID: job.id, start: 0, options: OutputOptions.plain, mirrorsJob: true
        ).run(over: connection, in: session)
    }

    private func preview(in session: Session) throws(Failure) -> ExitStatus {
        var request = try request(environment: session.origin.environment)
        request.validateOnly = true
        let job = try session.connect().answer(to: .startJob, request).job
        try session.print(try session.renderer(of: globals.output ?? .wide).job(job))
        return .success
    }

    /// Asks until there is an answer that counts.
    ///
    /// A server that ended in the middle of a start leaves a job that never ran; then it is asked
    /// for anew, but not under an id of the user's, which stands for the first job for ever.
    private func start(
        reading input: [UInt8], over connection: LastingConnection, in session: Session
    ) throws(Failure) -> Cmdctl_V1_Job {
        var request = try request(environment: session.origin.environment)
        request.spec.standardInput = Data(input)
        let isIDOurs = request.requestID.isEmpty
        while true {
            if isIDOurs { request.requestID = session.makeRequestID() }
            var wasUnanswered = false
            do throws(Failure) {
                return try ask(request, over: connection, &wasUnanswered)
            } catch {
                guard isIDOurs, wasUnanswered, error.tellsThatNothingRan else { throw error }
                session.say("the server ended before the command was started; starting it anew")
            }
        }
    }

    /// Asks until there is an answer, whatever breaks on the way: by the request id the server knows
    /// that it was asked before, and starts nothing twice.
    private func ask(
        _ request: Cmdctl_V1_StartJobRequest, over connection: LastingConnection,
        _ wasUnanswered: inout Bool
    ) throws(Failure) -> Cmdctl_V1_Job {
        try connection.perform(
            retrying: { failure in
                // No answer is worth a question. Who does not stay is told that the server is
                // ending, unless the job may have been started already.
                let isUnanswered =
                    failure.reason == Failure.connectionLost || failure.exitStatus == .timedOut
                wasUnanswered = wasUnanswered || isUnanswered
                return isUnanswered || failure.outage != nil && (follow || wasUnanswered)
            }
        ) { caller throws(Failure) in
            try caller.answer(to: .startJob, request).job
        }
    }

    /// Only the id, unless a form was asked for.
    private func idOrJob(_ job: Cmdctl_V1_Job, in session: Session) throws(Failure) -> String {
        guard globals.output != nil else { return job.id + "\n" }
        return try session.renderer.job(job)
    }

    /// The message that asks for this job.
    func request(environment own: [String: String]) throws(Failure) -> Cmdctl_V1_StartJobRequest {
        var request = Cmdctl_V1_StartJobRequest()
        request.requestID = requestID ?? ""
        request.spec.name = name ?? ""
        request.spec.environment = try variables(from: own).dictionary
        request.spec.labels = label.dictionary
        request.spec.workingDirectory = cwd ?? ""
        request.spec.mergeOutput = merge
        request.spec.limits = limits.message
        request.spec.isolation = isolation?.message ?? (rootfs == nil ? .unspecified : .image)
        request.spec.user = user ?? ""
        request.spec.network = network?.message ?? .unspecified
        request.spec.image = rootfs ?? ""
        if let timeout { request.spec.timeout = .init(rounding: timeout.duration) }
        if let logMax { request.spec.logLimit.maxBytes = logMax.count }
        if let logFull { request.spec.logLimit.whenFull = logFull.message }
        if let shell {
            request.spec.command.shell = shell
        } else {
            request.spec.command.argv.program = command[0]
            request.spec.command.argv.arguments = Array(command.dropFirst())
        }
        return request
    }

    private func variables(from own: [String: String]) throws(Failure) -> [KeyValue] {
        var variables: [KeyValue] = []
        for text in env {
            do {
                variables.append(try KeyValue.environment(text, from: own))
            } catch {
                throw .usage("'\(text)' is not an environment variable", remedy: error.description)
            }
        }
        return variables
    }
}

extension Failure {
    /// Whether the command was certainly not run, for want of a process to supervise it.
    fileprivate var tellsThatNothingRan: Bool {
        reason == "START_FAILED" && facts["stage"] == "supervisor"
    }
}

/// The isolation profiles by the names people write.
enum IsolationProfile: String, CaseIterable, ExpressibleByArgument {
    case strict
    case image
    case host

    var message: Cmdctl_V1_Isolation {
        switch self {
        case .strict: .strict
        case .image: .image
        case .host: .host
        }
    }
}

/// What a job can reach, by the names people write.
enum NetworkProfile: String, CaseIterable, ExpressibleByArgument {
    case none
    case `private`
    case host

    var message: Cmdctl_V1_Network {
        switch self {
        case .none: .none
        case .private: .private
        case .host: .host
        }
    }
}

extension LogFullWord: ExpressibleByArgument {}
