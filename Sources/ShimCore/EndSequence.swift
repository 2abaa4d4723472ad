package import ShimProtocol

/// How the job ended and what had been asked for before it did.
///
/// The fields mean what they mean in an `EndRecord`.
package struct Verdict: Equatable {
    package var how: ProcessEnd
    package var killedByShim: Bool
    package var stopRequested: Bool
    package var signalRequested: Bool
    package var timedOut: Bool
    package var killedByLogLimit: Bool

    package init(
        how: ProcessEnd, killedByShim: Bool = false, stopRequested: Bool = false,
        signalRequested: Bool = false, timedOut: Bool = false, killedByLogLimit: Bool = false
    ) {
        self.how = how
        self.killedByShim = killedByShim
        self.stopRequested = stopRequested
        self.signalRequested = signalRequested
        self.timedOut = timedOut
        self.killedByLogLimit = killedByLogLimit
    }
}

/// The life of a job, from the launch of its first process until nothing of it is left.
///
/// Pure; `Shim` does what it says.
package struct EndSequence {
    /// What happened.
    package enum Event: Equatable {
        /// The program runs.
        case started(leaderPID: Int32)
        /// The program could not be executed.
        case failed(StartFailure)
        /// The command itself has ended.
        case leaderEnded(ProcessEnd)
        /// All of the job's processes are reaped.
        case nothingLeft
        /// The daemon asks for something.
        case command(ShimCommand, value: Int32)
        /// The output has reached its limit, and the job is not to outlive that.
        case outputFull
        /// Time was given for dying, and it is over.
        case deadlinePassed
    }

    /// What to do about it.
    package enum Action: Equatable {
        /// Say that the job runs, and begin to relay.
        case announceStart(leaderPID: Int32)
        /// Record that it does not, and say so.
        case announceFailure(StartFailure)
        case send(signal: Int32, to: SignalTarget)
        /// Kill all of the job, in a way that leaves its usage known.
        case killEverything
        /// Kill all of the job, whatever gets lost.
        case killHarder
        /// Drain the pipes, seal the log, and leave.
        case seal(Verdict)
        /// Leave without a verdict: nothing ever ran.
        case leave
    }

    private enum State: Equatable {
        /// The launch is under way.
        case starting
        case running
        /// The rest of the job is being killed.
        ///
        /// `leader` is nil until the command has ended.
        case killing(leader: ProcessEnd?)
        /// The launch has failed; its processes are not reaped yet.
        case failing
        case over
    }

    /// The kernel's last word to whatever is in a PID namespace that loses its first process.
    private static let namespaceEnd = ProcessEnd.signaled(number: 9)
    private static let sigterm: Int32 = 15

    private var state = State.starting
    private var hasStarted = false
    private var killRequested = false
    private var isOutputFull = false
    private var stopRequested = false
    private var timedOut = false
    private var signalsRequested: Set<Int32> = []

    package init() {}

    /// Takes an event and says what to do, in this order.
    package mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .started(let leaderPID): started(leaderPID)
        case .failed(let failure): failed(failure)
        case .leaderEnded(let how): leaderEnded(how)
        case .nothingLeft: nothingLeft()
        case .command(let command, let value): commanded(command, value)
        case .outputFull: outputFull()
        case .deadlinePassed: isKilling ? [.killHarder] : []
        }
    }

    private mutating func started(_ leaderPID: Int32) -> [Action] {
        precondition(!hasStarted, "a job starts once")
        guard state != .failing else { return [] }
        hasStarted = true
        if state == .starting { state = .running }
        return [.announceStart(leaderPID: leaderPID)]
    }

    private mutating func failed(_ failure: StartFailure) -> [Action] {
        guard state != .over, state != .failing else { return [] }
        state = .failing
        return [.announceFailure(failure), .killEverything]
    }

    private mutating func leaderEnded(_ how: ProcessEnd) -> [Action] {
        guard isLeaderAlive else { return [] }
        state = .killing(leader: how)
        return [.killEverything]
    }

    private mutating func nothingLeft() -> [Action] {
        defer { state = .over }
        switch state {
        case .over: return []
        case .failing: return [.leave]
        case .starting, .running, .killing:
            guard hasStarted else { return [.announceFailure(.supervisorLost), .leave] }
            return [.seal(verdict)]
        }
    }

    private mutating func commanded(_ command: ShimCommand, _ value: Int32) -> [Action] {
        guard isLeaderAlive else { return [] }
        switch command {
        case .kill:
            killRequested = true
            state = .killing(leader: nil)
            return [.killEverything]
        case .stopSignal:
            return Self.isSignal(value) ? stop(with: value) : []
        case .timeOver:
            timedOut = timedOut || !stopRequested
            return stop(with: Self.sigterm)
        case .signal:
            guard Self.isSignal(value) else { return [] }
            signalsRequested.insert(value)
            return [.send(signal: value, to: .leader)]
        case .limitLog:
            // For the log alone; the job does not feel it.
            return []
        }
    }

    private mutating func stop(with signal: Int32) -> [Action] {
        // A daemon that was started again asks again, and does not know what has arrived.
        guard !stopRequested else { return [] }
        stopRequested = true
        return [.send(signal: signal, to: .group)]
    }

    /// A job that is being killed anyway, or whose command has ended, is not killed for this.
    private mutating func outputFull() -> [Action] {
        guard state == .running else { return [] }
        isOutputFull = true
        state = .killing(leader: nil)
        return [.killEverything]
    }

    private var isLeaderAlive: Bool {
        switch state {
        case .starting, .running, .killing(leader: nil): true
        case .killing, .failing, .over: false
        }
    }

    private var isKilling: Bool {
        switch state {
        case .killing, .failing: true
        case .starting, .running, .over: false
        }
    }

    /// A job whose leader's end nobody told went down with its namespace.
    private var verdict: Verdict {
        var how = Self.namespaceEnd
        if case .killing(let leader?) = state { how = leader }
        var signalRequested = false
        if case .signaled(let number) = how { signalRequested = signalsRequested.contains(number) }
        return Verdict(
            how: how, killedByShim: killRequested, stopRequested: stopRequested,
            signalRequested: signalRequested, timedOut: timedOut,
            killedByLogLimit: isOutputFull)
    }

    private static func isSignal(_ number: Int32) -> Bool { (1...64).contains(number) }
}

extension StartFailure {
    /// The launch left no word: its process was killed before it came to the program.
    package static let supervisorLost = StartFailure(
        stage: .supervisor, errno: 0, detail: "the first process of the job was killed")
}
