/// What a shim is to do: one job, decided by the daemon down to the last variable.
package struct ShimPlan: Equatable, Sendable {
    /// A variable of the job's environment.
    package struct Variable: Equatable, Sendable {
        /// What stands before the first `=`.
        package var name: String
        /// What stands after it.
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The job's identifier, 16 bytes as a UUID has them.
    package var jobID: [UInt8]
    /// The program: a path if it contains a slash, else a name looked up in the environment's PATH.
    ///
    /// It is also the command's `argv[0]`.
    package var program: String
    /// What follows `argv[0]`.
    package var arguments: [String]
    /// The whole environment of the command, in this order; nothing is added.
    package var environment: [Variable]
    /// Where the command starts.
    package var workingDirectory: String
    /// One pipe for both streams, so that their order is exact.
    package var mergeOutput: Bool
    /// Run the job in a PID namespace (and a mount namespace for its `/proc`); needs CAP_SYS_ADMIN.
    package var makePIDNamespace: Bool
    /// The job's own control group (v2), fresh and never used before; the job is born into it.
    package var cgroupDirectory: String?
    /// The group that the shim moves into before it starts the job; nil leaves it where it is.
    package var shimCgroupDirectory: String?
    /// The soft RLIMIT_NOFILE of the command; nil leaves it as the shim's.
    ///
    /// A daemon raises its own, and programs that use select(2) cannot bear a high one.
    package var descriptorLimit: UInt64?
    /// What shuts the job off from the host, which takes a PID namespace too; nil leaves it the
    /// host's files, users and network.
    package var sandbox: SandboxPlan?
    /// How large log and index may become; nil: as large as they want.
    package var logLimit: LogLimit?
    /// The user of the host that the command runs as, without a sandbox; nil for the shim's own.
    package var credentials: HostCredentials?

    package init(
        jobID: [UInt8], program: String, arguments: [String], environment: [Variable],
        workingDirectory: String, mergeOutput: Bool, makePIDNamespace: Bool,
        cgroupDirectory: String?, descriptorLimit: UInt64? = nil,
        shimCgroupDirectory: String? = nil, sandbox: SandboxPlan? = nil,
        logLimit: LogLimit? = nil, credentials: HostCredentials? = nil
    ) {
        precondition(jobID.count == 16)
        precondition(sandbox == nil || credentials == nil, "a sandbox has users of its own")
        precondition(sandbox == nil || makePIDNamespace, "a sandbox without a PID namespace")
        self.jobID = jobID
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.mergeOutput = mergeOutput
        self.makePIDNamespace = makePIDNamespace
        self.cgroupDirectory = cgroupDirectory
        self.shimCgroupDirectory = shimCgroupDirectory
        self.descriptorLimit = descriptorLimit
        self.sandbox = sandbox
        self.logLimit = logLimit
        self.credentials = credentials
    }
}
