/// Bounds of what all processes of a job may take together; one that is nil does not exist.
///
/// Each stands for one file of a control group, version 2; see the kernel's cgroup-v2.rst.
public struct ResourceLimits: Hashable, Sendable {
    /// Processor time per time, in thousandths of one processor: cpu.max.
    public var cpuMillis: UInt32?
    /// The share of the processors when there are not enough, 1 to 10,000: cpu.weight.
    public var cpuWeight: UInt32?
    /// Memory in bytes, beyond which the job is killed: memory.max.
    public var memoryMax: UInt64?
    /// Memory in bytes, beyond which the job is slowed down: memory.high.
    public var memoryHigh: UInt64?
    /// Swap in bytes: memory.swap.max.
    public var swapMax: UInt64?
    /// Processes and threads at one time: pids.max.
    public var pidsMax: UInt32?
    /// The processors it may use, as `0-3,6`; empty for any: cpuset.cpus.
    public var cpus: String
    /// Of block devices: io.max.
    public var io: [IOLimit]

    /// Makes limits of these parts.
    public init(
        cpuMillis: UInt32? = nil, cpuWeight: UInt32? = nil, memoryMax: UInt64? = nil,
        memoryHigh: UInt64? = nil, swapMax: UInt64? = nil, pidsMax: UInt32? = nil,
        cpus: String = "", io: [IOLimit] = []
    ) {
        self.cpuMillis = cpuMillis
        self.cpuWeight = cpuWeight
        self.memoryMax = memoryMax
        self.memoryHigh = memoryHigh
        self.swapMax = swapMax
        self.pidsMax = pidsMax
        self.cpus = cpus
        self.io = io
    }

    /// Bounds of what goes to and comes from one block device.
    public struct IOLimit: Hashable, Sendable {
        /// Its path or `major:minor`; empty for every block device, each by itself.
        public var device: String
        /// Bytes read in a second.
        public var readBytes: UInt64?
        /// Bytes written in a second.
        public var writeBytes: UInt64?
        /// Reads in a second.
        public var reads: UInt64?
        /// Writes in a second.
        public var writes: UInt64?

        /// Makes a limit of these parts.
        public init(
            device: String = "", readBytes: UInt64? = nil, writeBytes: UInt64? = nil,
            reads: UInt64? = nil, writes: UInt64? = nil
        ) {
            self.device = device
            self.readBytes = readBytes
            self.writeBytes = writeBytes
            self.reads = reads
            self.writes = writes
        }
    }
}

/// How much of a job's output is kept.
public struct LogLimit: Hashable, Sendable {
    /// What happens to output when there is no more room for it.
    public enum FullAction: String, CaseIterable, Sendable {
        /// The oldest output is given up.
        case keepNewest
        /// What has no room is dropped.
        case dropNewest
        /// The job is killed.
        case stopJob
    }

    /// Of the log and its index together, in bytes; nil for the server's default.
    public var maxBytes: UInt64?
    /// What happens then; nil for the server's default.
    public var whenFull: FullAction?

    /// Makes a limit of these parts.
    public init(maxBytes: UInt64? = nil, whenFull: FullAction? = nil) {
        self.maxBytes = maxBytes
        self.whenFull = whenFull
    }
}
