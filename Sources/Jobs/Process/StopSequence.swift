/// Signal, grace, kill: how a job is stopped.
///
/// Pure: the owner of the machine puts the request on record, sends the signals and keeps the timer.
///
/// A request goes on record before its signal: a supervisor that dies in between leaves it to the
/// next. A storage that fails or hangs delays a stop, and never prevents it.
///
/// A request may come while the job is still starting. It is held until the command runs, because
/// a shim that has not yet come that far cannot pass on signals; a start that hangs longer than the
/// grace and some patience is given up.
struct StopSequence {
    /// What to begin with, and how long the job may take.
    struct Request: Equatable {
        let signal: Int32
        let grace: Duration
        var cause = StopIntent.Cause.asked
    }

    private enum Phase: Equatable {
        case idle
        case recording(Request)
        case held(Request)
        case grace
        case killing
        case unkillable
        case abandoned
        case over
    }

    /// What the owner of the machine is to do next.
    enum Action: Equatable {
        case nothing
        /// Put the request on record and call ``recorded(isStarting:patience:)``, at the latest when
        /// patience has run out.
        case record(Request)
        /// Call ``graceOver()`` after this time, unless the job has started or ended before.
        case holdFor(Duration)
        /// Send the signal, and call ``graceOver()`` when the grace is over.
        case signal(Request)
        /// Kill all of the job, and call ``graceOver()`` when that should have ended it.
        case kill
        /// Kill the shim itself: it hangs before the command.
        case abandonStart
    }

    private var phase = Phase.idle

    /// Of a job that has ended.
    static let over = StopSequence(phase: .over)

    /// Whether somebody has asked the job to stop.
    var isRequested: Bool { phase != .idle && phase != .over }

    /// Whether it was killed and is still there: a process that waits in the kernel, for a disk or
    /// a network that does not answer, dies only when that is over.
    var isUnkillable: Bool { phase == .unkillable }

    /// Somebody asks for a stop; the first one sets signal and grace, all others wait with it.
    mutating func request(_ request: Request) -> Action {
        guard phase == .idle else { return .nothing }
        phase = .recording(request)
        return .record(request)
    }

    /// Goes on with a request that was put on record in another life of the supervisor.
    mutating func carryOn(_ request: Request, isStarting: Bool, patience: Duration) -> Action {
        phase = .recording(request)
        return recorded(isStarting: isStarting, patience: patience)
    }

    /// The request is on record, or the storage has had its time; a command that does not run yet
    /// is waited for, `patience` longer than the grace.
    mutating func recorded(isStarting: Bool, patience: Duration) -> Action {
        guard case .recording(let request) = phase else { return .nothing }
        guard isStarting else { return begin(request) }
        phase = .held(request)
        return .holdFor(request.grace + patience)
    }

    /// There is a shim now; one whose start was given up before is not waited for.
    mutating func shimCame() -> Action { phase == .abandoned ? .abandonStart : .nothing }

    /// The command runs, so a request that was held can begin.
    mutating func started() -> Action {
        switch phase {
        case .held(let request):
            return begin(request)
        case .abandoned:
            // It was quicker than the kill.
            phase = .killing
            return .kill
        case .idle, .recording, .grace, .killing, .unkillable, .over:
            return .nothing
        }
    }

    /// The time of the last action is over and the job has not ended.
    mutating func graceOver() -> Action {
        switch phase {
        case .held:
            phase = .abandoned
            return .abandonStart
        case .grace:
            phase = .killing
            return .kill
        case .killing:
            phase = .unkillable
            return .nothing
        case .idle, .recording, .unkillable, .abandoned, .over:
            preconditionFailure("no grace to be over")
        }
    }

    /// The job has ended, by this or by itself.
    mutating func ended() {
        phase = .over
    }

    private mutating func begin(_ request: Request) -> Action {
        // The shim must hear that the time is over, however little of the grace is left.
        guard request.grace > .zero || request.cause == .timeOver else {
            phase = .killing
            return .kill
        }
        phase = .grace
        return .signal(request)
    }
}

extension StopSequence.Request {
    /// What ends a job that has run for as long as it may.
    static func timeOver(grace: Duration) -> StopSequence.Request {
        let sigterm: Int32 = 15
        return StopSequence.Request(signal: sigterm, grace: grace, cause: .timeOver)
    }
}
