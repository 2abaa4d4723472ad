internal import Reactor

/// Decides when a silent peer is asked for a sign of life, and when it is given up.
///
/// One timer for each connection, which is not touched when bytes arrive: it looks at the time
/// of the last ones when it fires.
struct KeepaliveStateMachine {
    private enum State {
        case listening
        case asked(at: Instant)
        /// Something waited to be sent: no question would have got through, and nothing was heard.
        case stalled(at: Instant)
    }

    private let idle: Duration
    private let timeout: Duration
    private let stalledSend: Duration
    private var state = State.listening

    init(idle: Duration, timeout: Duration, stalledSend: Duration) {
        self.idle = idle
        self.timeout = timeout
        self.stalledSend = stalledSend
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
    ///   - stalledSince: since when nothing has been taken of what waits; nil while nothing waits.
    ///   - isNeeded: whether it matters if the peer lives.
    /// - Returns: what to do.
    mutating func timerFired(
        at now: Instant, lastHeard: Instant, stalledSince: Instant?, isNeeded: Bool
    ) -> Action {
        if let stalledSince { return bear(stalledSince, at: now) }
        var lastSign = lastHeard
        switch state {
        case .asked(let askedAt) where lastHeard < askedAt:
            return now - askedAt >= timeout ? .giveUp : .sleep(timeout - (now - askedAt))
        case .stalled(let seenAt):
            // What waited has been taken, which is a sign of life as well.
            lastSign = max(lastHeard, seenAt)
        case .asked, .listening:
            break
        }
        state = .listening
        let silence = now - lastSign
        if silence < idle { return .sleep(idle - silence) }
        guard isNeeded else { return .sleep(idle) }
        state = .asked(at: now)
        return .ask(thenSleep: timeout)
    }

    /// While something waits, the peer's silence says nothing.
    private mutating func bear(_ stalledSince: Instant, at now: Instant) -> Action {
        state = .stalled(at: now)
        let patience = stalledSend - (now - stalledSince)
        return patience <= .zero ? .giveUp : .sleep(min(patience, idle))
    }
}
