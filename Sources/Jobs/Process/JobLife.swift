import ShimProtocol

/// Where one job is in its life: pure, so its tests are tables.
///
/// Two things are told about a job, in either order: what the shim reports on its status pipe, and
/// that the shim has ended. The verdict is read once both are known, so a job that prints and exits
/// at once is first announced as started and then as ended.
///
/// A job that another supervisor started has no pipe any more. Its start is then told by the first
/// record of its index, or else by the last.
struct JobLife {
    private enum Phase {
        case queued
        case starting(shimHasEnded: Bool)
        case adopted
        case running
        case awaitingVerdict(startIsAnnounced: Bool)
        case ended(JobVerdict)
    }

    /// What the owner of the machine is to do next.
    enum Action: Equatable {
        case nothing
        /// Tell the one who asked for the job that it runs.
        case announceStart
        /// Tell the one who asked that it runs, and then read the verdict.
        case announceStartAndReadVerdict
        /// Tell the one who asked, and all who wait, that it never ran.
        case announceFailure
        /// Read the verdict from the index and hand it to ``verdictRead(_:)``.
        case readVerdict
        /// Tell all who wait that it has ended.
        case announceEnd
        /// Tell the one who asked that it ran, and all who wait that it has ended.
        case announceStartAndEnd
    }

    private var phase: Phase

    private init(_ phase: Phase) {
        self.phase = phase
    }

    /// Begins with a shim to be started.
    static let starting = JobLife(.starting(shimHasEnded: false))

    /// Begins with waiting for others to end.
    static let queued = JobLife(.queued)

    /// Goes on with a shim that another supervisor started.
    static let adopted = JobLife(.adopted)

    /// Is over.
    static func ended(_ verdict: JobVerdict) -> JobLife { JobLife(.ended(verdict)) }

    /// How the job ended, once it has.
    var verdict: JobVerdict? {
        guard case .ended(let verdict) = phase else { return nil }
        return verdict
    }

    /// Whether it waits for others to end.
    var isQueued: Bool {
        guard case .queued = phase else { return false }
        return true
    }

    /// Whether the command is not known to run, nor to have failed to.
    var isStarting: Bool {
        switch phase {
        case .starting, .adopted: true
        case .queued, .running, .awaitingVerdict, .ended: false
        }
    }

    /// Whether the command was seen to run; ``verdict`` tells it of one that has ended.
    var wasSeenRunning: Bool {
        switch phase {
        case .running, .awaitingVerdict(startIsAnnounced: true): true
        case .queued, .starting, .adopted, .awaitingVerdict, .ended: false
        }
    }

    /// Its turn has come.
    mutating func leftQueue() {
        guard case .queued = phase else { preconditionFailure("it does not wait") }
        phase = .starting(shimHasEnded: false)
    }

    /// It was stopped before anything of it was there.
    mutating func stoppedInQueue() -> Action {
        switch phase {
        case .queued, .starting(shimHasEnded: false):
            phase = .ended(.stoppedInQueue)
            return .announceEnd
        case .starting, .adopted, .running, .awaitingVerdict, .ended:
            preconditionFailure("it is in the queue no more")
        }
    }

    /// The shim reported that the command runs, or its index says so.
    mutating func startReported() -> Action {
        switch phase {
        case .starting(shimHasEnded: false), .adopted:
            phase = .running
            return .announceStart
        case .starting(shimHasEnded: true):
            phase = .awaitingVerdict(startIsAnnounced: true)
            return .announceStartAndReadVerdict
        case .queued, .running, .awaitingVerdict, .ended:
            preconditionFailure("the start was reported before")
        }
    }

    /// The shim will say nothing of the start, at least nothing that can be understood: from here on
    /// it is as with a job of another supervisor.
    mutating func startUnclear() -> Action {
        switch phase {
        case .starting(shimHasEnded: false):
            phase = .adopted
            return .nothing
        case .starting(shimHasEnded: true):
            phase = .awaitingVerdict(startIsAnnounced: false)
            return .readVerdict
        case .queued, .adopted, .running, .awaitingVerdict, .ended:
            preconditionFailure("the start was reported before")
        }
    }

    /// The command never ran: the shim said so, or never came to be.
    mutating func startFailed() -> Action {
        guard case .starting = phase else { preconditionFailure("the start was reported before") }
        phase = .ended(.startFailed)
        return .announceFailure
    }

    /// The shim has ended, so nothing can write to the log any more.
    mutating func shimEnded() -> Action {
        switch phase {
        case .starting(shimHasEnded: false):
            phase = .starting(shimHasEnded: true)
            return .nothing
        case .adopted:
            phase = .awaitingVerdict(startIsAnnounced: false)
            return .readVerdict
        case .running:
            phase = .awaitingVerdict(startIsAnnounced: true)
            return .readVerdict
        case .ended(.startFailed):
            return .nothing
        case .queued, .starting(shimHasEnded: true), .awaitingVerdict, .ended:
            preconditionFailure("a shim ends once")
        }
    }

    /// The verdict was read from the index.
    mutating func verdictRead(_ verdict: JobVerdict) -> Action {
        guard case .awaitingVerdict(let startIsAnnounced) = phase else {
            preconditionFailure("an unasked verdict")
        }
        phase = .ended(verdict)
        if startIsAnnounced { return .announceEnd }
        return verdict == .startFailed ? .announceFailure : .announceStartAndEnd
    }
}
