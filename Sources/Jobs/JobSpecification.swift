/// What to run, and how.
public struct JobSpecification: Hashable, Sendable {
    /// What the first process of a job executes.
    public enum Command: Hashable, Sendable {
        /// A program, by path or by a name to be looked up in `PATH`, and its arguments, which no
        /// shell looks at.
        case program(String, arguments: [String])
        /// A line for `/bin/sh -c`.
        case shell(String)
    }

    /// How far a job is kept apart from the host.
    public enum Isolation: String, CaseIterable, Sendable {
        /// The host's files and network; its own process namespace where one can be made.
        case host
        /// Namespaces of its own, no privileges, a read-only view of the host's programs and
        /// libraries, and nothing else of the host.
        case strict
        /// The same over the files of an image, which it may change until it ends.
        case image
    }

    /// What a job can reach.
    public enum Network: String, CaseIterable, Sendable {
        /// Itself, over the loopback interface.
        case none
        /// What lies beyond the host, through an address of its own; no other job.
        case `private`
        /// All that the host reaches.
        case host
    }

    /// What to run.
    public var command: Command
    /// Unique among the owner's live jobs; without one, the job is known by its identifier alone.
    public var name: String?
    /// The whole environment, apart from `PATH` and `HOME`, which get a default, and
    /// `CMDCTL_JOB_ID`, which is the job's identifier.
    public var environment: [String: String]
    /// The absolute path of the directory the command starts in.
    public var workingDirectory: String
    /// For selecting jobs in lists; they have no other meaning.
    public var labels: [String: String]
    /// One pipe for both streams: their order is exact, and which was which is not known.
    public var mergeOutput: Bool
    /// How far the job is kept apart from the host.
    public var isolation: Isolation
    /// The image whose files the job sees; with ``Isolation/image``, and only then.
    public var image: String?
    /// The user of the host that the command runs as; with ``Isolation/host`` only.
    public var user: String?
    /// What it can reach; nil for the server's default.
    public var network: Network?
    /// What it may take; what is nil has the server's default.
    public var limits: ResourceLimits
    /// How long it may run; nil for the server's default.
    public var timeout: Duration?
    /// How much of its output is kept.
    public var logLimit: LogLimit
    /// What it reads from its standard input.
    public var standardInput: StandardInput

    /// Describes a job; everything but the command has a default.
    public init(
        command: Command, name: String? = nil, environment: [String: String] = [:],
        workingDirectory: String = "/", labels: [String: String] = [:], mergeOutput: Bool = false,
        isolation: Isolation = .host, image: String? = nil, user: String? = nil,
        network: Network? = nil, limits: ResourceLimits = ResourceLimits(),
        timeout: Duration? = nil, logLimit: LogLimit = LogLimit(),
        standardInput: StandardInput = StandardInput()
    ) {
        self.command = command
        self.name = name
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.labels = labels
        self.mergeOutput = mergeOutput
        self.isolation = isolation
        self.image = image
        self.user = user
        self.network = network
        self.limits = limits
        self.timeout = timeout
        self.logLimit = logLimit
        self.standardInput = standardInput
    }
}

extension JobSpecification.Command {
    /// What is looked up and executed.
    public var program: String {
        switch self {
        case .program(let program, _): program
        case .shell: "/bin/sh"
        }
    }

    /// The program's arguments, without its own name.
    public var arguments: [String] {
        switch self {
        case .program(_, let arguments): arguments
        case .shell(let line): ["-c", line]
        }
    }
}

/// One thing that is wrong with a ``JobSpecification``.
public struct SpecificationProblem: Hashable, Sendable {
    /// Which field, by its name in the API, for example `command.argv.arguments[2]`.
    public let field: String
    /// What is wrong with it, and what would be right.
    public let sentence: String

    /// Names a problem.
    public init(field: String, sentence: String) {
        self.field = field
        self.sentence = sentence
    }
}
