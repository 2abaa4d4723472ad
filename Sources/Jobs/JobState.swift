/// Where a job is in its life.
public enum JobState: String, CaseIterable, Sendable {
    /// Accepted; it is started when others have ended.
    case queued
    /// About to run.
    case starting
    /// Its command runs.
    case running
    /// All of it stands still until somebody lets it go on.
    case paused
    /// Asked to stop, and not yet ended.
    case stopping
    /// Nothing of it runs any more, and its output is complete.
    case exited
}

/// How a job ended.
public enum JobOutcome: String, CaseIterable, Sendable {
    /// Exited with 0, by itself.
    case succeeded
    /// Exited with another code, or died by a signal nobody asked for.
    case failed
    /// Ended within the grace of a stop.
    case stopped
    /// Killed: the grace of a stop was over, or somebody asked for a deadly signal.
    case killed
    /// Its time was over, and it was stopped.
    case timedOut
    /// The kernel killed it for want of memory.
    case oomKilled
    /// Gone, and nobody can know how it ended.
    case lost
    /// The command never ran.
    case startFailed
}

/// How a command ended, as the kernel told it.
public enum ExitStatus: Hashable, Sendable {
    /// It exited with this code.
    case exited(code: Int32)
    /// This signal killed it.
    case signaled(number: Int32)
    /// Nobody can know. Never to be read as a code of 0.
    case unknown
}

/// What a job used, its descendants included.
public struct ResourceUsage: Hashable, Sendable {
    /// Time on a processor, outside the kernel.
    public var userCPUTime: Duration
    /// Time on a processor, in the kernel.
    public var systemCPUTime: Duration
    /// The largest resident set of any one process.
    public var maxResidentBytes: UInt64
    /// The most memory that all of it had at one time, about; 0 if that is not known.
    public var memoryPeakBytes: UInt64

    /// Makes a usage of these parts.
    public init(
        userCPUTime: Duration, systemCPUTime: Duration, maxResidentBytes: UInt64,
        memoryPeakBytes: UInt64 = 0
    ) {
        self.userCPUTime = userCPUTime
        self.systemCPUTime = systemCPUTime
        self.maxResidentBytes = maxResidentBytes
        self.memoryPeakBytes = memoryPeakBytes
    }
}
