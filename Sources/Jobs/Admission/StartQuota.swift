/// What one tenant may have, or all together; what is nil is not bounded.
package struct StartQuota: Hashable, Sendable {
    /// Jobs that run at one time.
    package var running: Int?
    /// Jobs that wait for others to end.
    package var queued: Int?
    /// What the memory limits of the jobs that run may add up to, in bytes.
    package var memory: UInt64?
    /// What their processor limits may add up to, in thousandths of one processor.
    package var cpuMillis: UInt64?
    /// How often jobs may be started.
    package var rate: StartRate?

    /// Bounds nothing but what is said here.
    package init(
        running: Int? = nil, queued: Int? = nil, memory: UInt64? = nil, cpuMillis: UInt64? = nil,
        rate: StartRate? = nil
    ) {
        self.running = running
        self.queued = queued
        self.memory = memory
        self.cpuMillis = cpuMillis
        self.rate = rate
    }
}

/// How often jobs may be started: so many at once, and then one whenever so much time has passed.
public struct StartRate: Hashable, Sendable {
    /// The time that earns one more start.
    public let interval: Duration
    /// So many starts are earned at most.
    public let burst: Int

    /// Makes a rate of these parts.
    public init(interval: Duration, burst: Int) {
        precondition(interval > .zero && burst > 0, "a rate allows something, and not everything")
        self.interval = interval
        self.burst = burst
    }
}

/// Whose quota it is.
public enum QuotaHolder: String, Sendable {
    /// That of the tenant who asks.
    case tenant
    /// That of all tenants together.
    case server
}

/// What a quota is of.
public enum QuotaResource: String, Sendable {
    /// Jobs that run.
    case running
    /// Bytes of memory, by the limits of jobs.
    case memory
    /// Thousandths of a processor, by the limits of jobs.
    case cpu
}

/// What a job takes of the quotas while it runs; nil where it has no limit.
struct StartDemand: Hashable {
    var memory: UInt64?
    var cpuMillis: UInt64?
}

extension StartDemand {
    /// What a job takes that runs under these limits.
    init(_ limits: ResourceLimits) {
        self.init(memory: limits.memoryMax, cpuMillis: limits.cpuMillis.map(UInt64.init))
    }
}
