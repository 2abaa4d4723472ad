internal import Reactor

/// Decides when a silent peer is asked for a sign of life, and when it is given up.
///
/// One timer for each connection, which is not touched when bytes arrive: it looks at the time
/// of the last ones when it fires.
struct KeepaliveStateMachine {
    private enum State {
        case listening
        case asked(at: Instant)
    }

    private let idle: Duration
    private let timeout: Duration
    private var state = State.listening

    init(idle: Duration, timeout: Duration) {
        self.idle = idle
        self.timeout = timeout
    }

    /// What to do now, and when to look again.
    enum Action: Equatable {
        case sleep(Duration)
        case ask(thenSleep: Duration)
        case giveUp
    }

    /// The time to look again has come.
    ///
    /// - Parameters:
    ///   - now: the time.
    ///   - lastHeard: when the last byte came.
    ///   - isNeeded: whether it matters if the peer lives.
    /// - Returns: what to do.
    mutating func timerFired(at now: Instant, lastHeard: Instant, isNeeded: Bool) -> Action {
        switch state {
        case .asked(let askedAt) where lastHeard < askedAt:
            return now - askedAt >= timeout ? .giveUp : .sleep(timeout - (now - askedAt))
        case .asked, .listening:
            state = .listening
        }
        let silence = now - lastHeard
        if silence < idle { return .sleep(idle - silence) }
        guard isNeeded else { return .sleep(idle) }
        state = .asked(at: now)
        return .ask(thenSleep: timeout)
    }
}
