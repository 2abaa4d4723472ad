import ShimProtocol

/// Where one job is in its life: pure, so its tests are tables.
///
/// Two things are told about a job, in either order: what the shim reports on its status pipe, and
/// that the shim has ended. The verdict is read once both are known, so a job that prints and exits
/// at once is first announced as started and then as ended.
struct JobLife {
    private enum Phase {
        case starting(shimHasEnded: Bool)
        case running
        case awaitingVerdict
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
        /// Read the last record of the index and hand it to ``verdictRead(_:)``.
        case readVerdict
        /// Tell all who wait that it has ended.
        case announceEnd
    }

    private var phase = Phase.starting(shimHasEnded: false)

    /// How the job ended, once it has.
    var verdict: JobVerdict? {
        guard case .ended(let verdict) = phase else { return nil }
        return verdict
    }

    /// Whether the command is not known to run, nor to have failed to.
    var isStarting: Bool {
        guard case .starting = phase else { return false }
        return true
    }

    /// The shim reported that the command runs.
    mutating func startReported() -> Action {
        guard case .starting(let shimHasEnded) = phase else {
            preconditionFailure("the start was reported before")
        }
        phase = shimHasEnded ? .awaitingVerdict : .running
        return shimHasEnded ? .announceStartAndReadVerdict : .announceStart
    }

    /// The command never ran: the shim said so, died in silence, or never came to be.
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
        case .running:
            phase = .awaitingVerdict
            return .readVerdict
        case .ended(.startFailed):
            return .nothing
        case .starting(shimHasEnded: true), .awaitingVerdict, .ended:
            preconditionFailure("a shim ends once")
        }
    }

    /// The last record of the index was read; nil: there is none, so nobody can know the end.
    mutating func verdictRead(_ record: EndRecord?) -> Action {
        guard case .awaitingVerdict = phase else { preconditionFailure("an unasked verdict") }
        phase = .ended(record.map(JobVerdict.init) ?? .lost)
        return .announceEnd
    }
}
