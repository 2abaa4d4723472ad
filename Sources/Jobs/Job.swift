package import Netlink
package import Reactor

/// A command that ran, runs or will run: what was asked for, and all that is known of it.
///
/// One object for the whole life of a job, and after it. The supervisor writes it; everybody else
/// reads. Most jobs have ended, and they may be very many: what is added here is kept for each of
/// them. What matters only to one that lives belongs into ``LiveState``, and what was decided for it
/// beforehand into its ``JobOrder``, which it shares with others.
package final class Job {
    /// Names the job, forever.
    package let id: JobID
    /// Whose job it is; ``Tenant/unknown`` when the record was lost.
    package let owner: Tenant
    /// When it was asked for.
    package let createdAt: Timestamp
    /// What was asked for and what was granted.
    private(set) var order: JobOrder
    /// What is known of it while it lives; nil once nothing is left of it but its files.
    var live: LiveState?
    var life: JobLife

    /// When its command began to run.
    package internal(set) var startedAt: Timestamp?
    /// When it had ended and its output was complete.
    package internal(set) var endedAt: Timestamp?
    /// What it used, once it has ended.
    package internal(set) var usage: ResourceUsage?
    /// Why it could not be started, if it could not.
    package internal(set) var startFailure: StartFailure?
    /// The offset at which its next byte of output will stand.
    package internal(set) var outputSize: UInt64 = 0
    /// How many bytes of its output could not be written.
    package internal(set) var droppedBytes: UInt64 = 0
    /// Whether it was killed because its output had reached its limit.
    package internal(set) var reachedLogLimit = false

    /// Whether it exists for nobody: because it is not on record yet, or because it is being
    /// deleted.
    var isHidden: Bool
    /// Whether its end need not be read from its index any more.
    var isEndOnRecord = false
    /// Whether it had to wait for others to end.
    let wasQueued: Bool
    /// Whether an admin asked for it.
    private let isByAdmin: Bool
    /// The first of the host's users that are its own, if it has any.
    let subIDBase: UInt32?
    /// Its address in a private network, if it has one.
    package let networkAddress: IPv4Address?

    /// A job as it is on record; without an end, it is about to start.
    init(_ record: JobRecord) {
        id = record.id
        owner = record.owner ?? .unknown
        createdAt = record.createdAt
        order = record.order
        isHidden = record.isBeingDeleted
        wasQueued = record.queueing != nil
        isByAdmin = record.isByAdmin
        subIDBase = record.subIDBase
        networkAddress = record.networkAddress
        if let end = record.end {
            isEndOnRecord = true
            life = .ended(end.verdict)
            take(end)
        } else if record.isBeingDeleted {
            // Whoever deletes a job has seen its end, recorded or not.
            life = .ended(.lost)
        } else {
            life = record.queueing == .waiting ? .queued : .starting
            live = LiveState(controlGroup: record.controlGroup)
        }
    }

    /// Notes how it ended; what its life makes of that is not decided here.
    func take(_ end: JobEnd) {
        startedAt = end.startedAt ?? startedAt
        endedAt = end.endedAt
        startFailure = end.startFailure
        usage = end.usage
        outputSize = end.outputSize
        droppedBytes = end.droppedBytes
        reachedLogLimit = end.reachedLogLimit
    }
}

/// What was asked for and what was granted.
extension Job {
    /// What was asked for; nil when the record was lost.
    package var specification: JobSpecification? { order.specification }

    /// The name its owner gave it.
    package var name: String? { specification?.name }

    /// How long it may run, in effect; nil for as long as it wants.
    package var timeout: Duration? { order.timeout }

    /// What it may take, of what was asked for and what is allowed.
    package internal(set) var limits: ResourceLimits {
        get { order.limits }
        set { order.limits = newValue }
    }

    /// What it asked for and does not have, one sentence each.
    package var ungranted: [String] { order.ungranted }

    /// How much of its output is kept; nil if that is not known.
    package var logLimit: LogLimit? { order.logLimit }

    /// On whose behalf it was started: the owner, in the role that counted then.
    var starter: Viewer { Viewer(tenant: owner, isAdmin: isByAdmin) }
}

extension Job {
    /// Whether nothing of it runs any more and its output is complete.
    package var hasEnded: Bool { life.verdict != nil }

    /// How it ended; nil while it lives.
    package var outcome: JobOutcome? { life.verdict?.outcome }

    /// How its command ended; nil while it lives, and when it never ran.
    package var exitStatus: ExitStatus? { life.verdict?.exitStatus }

    /// Its end as it goes on record; nil while it lives.
    var end: JobEnd? {
        guard let verdict = life.verdict, let endedAt else { return nil }
        return JobEnd(
            verdict: verdict, startedAt: startedAt, endedAt: endedAt, startFailure: startFailure,
            usage: usage, outputSize: outputSize, droppedBytes: droppedBytes,
            reachedLogLimit: reachedLogLimit)
    }

    /// Where it is in its life.
    package var state: JobState {
        if hasEnded { return .exited }
        if stopSequence.isRequested { return .stopping }
        if life.isQueued { return .queued }
        if pauseSequence.isPaused { return .paused }
        return life.isStarting ? .starting : .running
    }

    /// A sentence for people, when there is more to say than the outcome does.
    package var statusMessage: String {
        var sentences: [String] = []
        if specification == nil { sentences.append(Job.recoveredSentence) }
        if let startFailure { sentences.append(startFailure.sentence) }
        if stopSequence.isUnkillable { sentences.append(Job.unkillableSentence) }
        if life.isQueued && stopSequence.isRequested { sentences.append(Job.stoppedSentence) }
        if let unknownIndexVersion { sentences.append(Job.sentence(of: unknownIndexVersion)) }
        if outcome == .oomKilled { sentences.append(outOfMemorySentence) }
        if outcome == .lost { sentences.append(Job.lostSentence) }
        if reachedLogLimit { sentences.append("It was killed: \(limitSentence)") }
        if droppedBytes > 0 { sentences.append(droppedSentence) }
        return sentences.joined(separator: " ")
    }

    /// Where nothing is dropped for its size, the disk was to blame.
    private var droppedSentence: String {
        switch logLimit?.whenFull {
        case .dropNewest?, .stopJob?:
            "\(droppedBytes) bytes of its output had no room and were dropped."
        case .keepNewest?, nil:
            "\(droppedBytes) bytes of its output could not be written."
        }
    }

    private var limitSentence: String {
        let bytes = logLimit?.maxBytes.map { " of \($0) bytes" } ?? ""
        return "its output reached the limit\(bytes)."
    }

    private static let recoveredSentence = """
        The server's records were lost, and with them the job's owner, its name and its command; \
        its output and its end are complete.
        """

    private static let unkillableSentence = """
        It was killed and cannot die yet: one of its processes waits in the kernel, for a disk or a \
        network perhaps. It ends as soon as that wait does.
        """

    private static let stoppedSentence = """
        It was stopped while it waited and does not start any more; it has ended as soon as the \
        server's storage takes that down.
        """

    private static func sentence(of version: UInt16) -> String {
        """
        It has ended, and how is written in a format that this server does not know, version \
        \(version). Ask the server's administrator to start the version of cmdctld that ran the job.
        """
    }

    private var outOfMemorySentence: String {
        let peak = usage.map(\.memoryPeakBytes) ?? 0
        let had = peak == 0 ? "" : " It had \(bytes(peak)) at most."
        guard let limit = limits.memoryMax else {
            return "The kernel killed it because memory was short; the job has no limit of its own."
                + had
        }
        return "The kernel killed it because it needed more memory than its limit of "
            + "\(bytes(limit)).\(had)"
    }

    private static let lostSentence = """
        The process that supervised the job was killed, so nobody can know how the command ended.
        """
}

/// A number of bytes for people, as `67108864 bytes (64 MiB)`.
private func bytes(_ count: UInt64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"]
    var (value, unit) = (count, -1)
    while value >= 10 << 10 || value > 0 && value % 1024 == 0, unit + 1 < units.count {
        value /= 1024
        unit += 1
    }
    return unit < 0 ? "\(count) bytes" : "\(count) bytes (\(value) \(units[unit]))"
}
