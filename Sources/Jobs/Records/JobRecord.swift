package import Netlink
package import Reactor

/// What outlives the daemon of one job: who asked for what, and how far it has come.
///
/// How the command ended stands in the job's index as well; the rest is known only here.
package struct JobRecord: Hashable, Sendable {
    /// Names the job.
    package let id: JobID
    /// Whose job it is; nil when the record was lost, and with it the owner.
    package var owner: Tenant?
    /// What was asked for and granted, as was decided when it was accepted or changed since.
    package var order: JobOrder
    /// What its owner calls the request that made it.
    package var requestID: String?
    /// When it was asked for.
    package var createdAt: Timestamp
    /// The directory of its control group, decided before the group is made; nil for none, and as
    /// long as it waits.
    package var controlGroup: String?
    /// Which start of the machine it was accepted in, proc_sys_kernel(5); nil if that is not known.
    ///
    /// Its files are not forced to the disk before it ends, so in another one nothing follows from
    /// their absence.
    package var bootID: String?
    /// The first of the host's users that are the job's own; nil if it runs as a user of the host.
    package var subIDBase: UInt32?
    /// Its address in a private network; nil if it has another network, or none.
    package var networkAddress: IPv4Address?
    /// Whether an admin asked for it.
    package var isByAdmin = false
    /// How far it has come in the queue; nil if it never had to wait.
    package var queueing: Queueing?
    /// The stop that somebody asked for, or its time.
    package var stop: StopIntent?
    /// How it ended; nil as long as nobody has read that.
    package var end: JobEnd?
    /// Whether its files are being removed, and it is as good as gone.
    package var isBeingDeleted = false

    /// The record of a job that was just accepted.
    package init(
        id: JobID, owner: Tenant?, order: JobOrder, requestID: String? = nil,
        createdAt: Timestamp, controlGroup: String? = nil, bootID: String? = nil,
        subIDBase: UInt32? = nil
    ) {
        self.id = id
        self.owner = owner
        self.order = order
        self.requestID = requestID
        self.createdAt = createdAt
        self.controlGroup = controlGroup
        self.bootID = bootID
        self.subIDBase = subIDBase
    }
}

/// How far a job has come that had to wait for others to end.
package enum Queueing: String, CaseIterable, Sendable {
    /// It waits, and nothing of it is there.
    case waiting
    /// Its turn has come: on record before there is anything else of it.
    case over
}

/// A stop, on record before its signal is sent: who dies in between leaves it to the next.
package struct StopIntent: Hashable, Sendable {
    /// Why a job is stopped.
    package enum Cause: String, CaseIterable, Sendable {
        /// Somebody wants it.
        case asked
        /// It has run for as long as it may.
        case timeOver
    }

    /// What to begin with.
    package var signal: Int32
    /// How long the job may take before it is killed; zero kills at once.
    package var grace: Duration
    /// When it was asked for.
    package var requestedAt: Timestamp
    /// Why.
    package var cause: Cause

    /// Notes a stop.
    package init(
        signal: Int32, grace: Duration, requestedAt: Timestamp, cause: Cause = .asked
    ) {
        self.signal = signal
        self.grace = grace
        self.requestedAt = requestedAt
        self.cause = cause
    }
}

/// How a job ended, all of it.
package struct JobEnd: Hashable, Sendable {
    /// What it means, and what the kernel said.
    package var verdict: JobVerdict
    /// When the command began to run; nil when it never did or nobody knows.
    package var startedAt: Timestamp?
    /// When it had ended and its output was complete.
    package var endedAt: Timestamp
    /// Why it could not be started, if it could not.
    package var startFailure: StartFailure?
    /// What it used, if that is known.
    package var usage: ResourceUsage?
    /// The size of its output, in bytes.
    package var outputSize: UInt64
    /// How many bytes of its output could not be written.
    package var droppedBytes: UInt64
    /// Whether it was killed because its output had reached its limit.
    package var reachedLogLimit: Bool

    /// Describes an end.
    package init(
        verdict: JobVerdict, startedAt: Timestamp?, endedAt: Timestamp,
        startFailure: StartFailure? = nil, usage: ResourceUsage? = nil, outputSize: UInt64 = 0,
        droppedBytes: UInt64 = 0, reachedLogLimit: Bool = false
    ) {
        self.verdict = verdict
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.startFailure = startFailure
        self.usage = usage
        self.outputSize = outputSize
        self.droppedBytes = droppedBytes
        self.reachedLogLimit = reachedLogLimit
    }
}
