import Jobs
import Transport

/// Who may have how many of the process's descriptors: clients and jobs half each of what the daemon
/// does not need itself, so that neither can take what the other needs.
struct DescriptorBudget: Equatable {
    /// For connections.
    let connections: Int
    /// For the files and processes of jobs.
    let jobs: Int
    /// The soft limit that commands run with; nil leaves them the daemon's.
    let commandLimit: UInt64?

    /// As much as anybody wants, for a daemon on a machine that has no limits.
    static let unlimited = DescriptorBudget(
        connections: Limits.transport.connectionsAtOnce, jobs: .max, commandLimit: nil)

    /// Divides what the process may have.
    init(dividing limit: DescriptorLimit) throws(StartupError) {
        guard limit.current >= Limits.descriptorsMin else {
            throw .tooFewDescriptors(limit.current)
        }
        let rest = limit.current - Limits.descriptorsOfDaemon
        self.init(
            connections: min(rest / 2, Limits.transport.connectionsAtOnce), jobs: rest - rest / 2,
            commandLimit: limit.given)
    }

    private init(connections: Int, jobs: Int, commandLimit: UInt64?) {
        self.connections = connections
        self.jobs = jobs
        self.commandLimit = commandLimit
    }

    /// The transport's limits; half of the connections may be handshakes, so that strangers cannot
    /// have all.
    var transport: TransportLimits {
        var limits = Limits.transport
        limits.connectionsAtOnce = connections
        limits.handshakesAtOnce = min(limits.handshakesAtOnce, max(2, connections / 2))
        return limits
    }

    /// The limits of the jobs room.
    var jobLimits: JobLimits {
        var limits = Limits.jobs
        limits.descriptors = jobs
        limits.descriptorLimitOfCommands = commandLimit
        return limits
    }
}

/// How many descriptors this process may have.
struct DescriptorLimit: Equatable {
    /// From now on.
    let current: Int
    /// What it was started with.
    let given: UInt64
}
