import Reactor

extension LastingConnection {
    /// Whether the server is there, and what to do when it is not.
    ///
    ///     up ──failed──► down ──answered──► up
    ///                     │ ▲
    ///                     └─┘ failed, until patience is over
    struct StateMachine {
        private enum State {
            case up(since: Instant)
            case down
        }

        /// What to do about a failure.
        enum Order: Equatable {
            /// Try again after a pause; an outage that is news is told to the user.
            case pause(Duration, isNews: Bool)
            case giveUp
        }

        private let patience: Duration
        private var state: State
        /// Failures in a row, with nothing worth the name between them.
        private var failures = 0
        /// When that row began.
        private var failingSince: Instant?

        /// Begins with the first connection.
        init(patience: Duration, at now: Instant) {
            self.patience = patience
            state = .up(since: now)
        }

        /// Whether the server has not answered since something failed.
        var isDown: Bool {
            if case .down = state { true } else { false }
        }

        /// The connection is gone or the server was not ready, or the attempt to mend that failed.
        ///
        /// - Parameters:
        ///   - now: the time.
        ///   - retryDelay: how long the server wants us to stay away.
        ///   - chance: from 0 to 1. Full jitter: those who lost the same server come back one by one.
        /// - Returns: what to do.
        mutating func failed(at now: Instant, retryDelay: Duration?, chance: Double) -> Order {
            let (begin, isNews) = fall(at: now)
            let left = patience - (now - begin)
            guard left > .zero else { return .giveUp }
            let jitter = nextPauseMax * chance
            failures += 1
            let stay = min(max(retryDelay ?? .zero, .zero), Limits.retryDelayMax)
            return .pause(min(stay + jitter, left), isNews: isNews)
        }

        /// The server has answered; true if that ends an outage.
        mutating func answered(at now: Instant) -> Bool {
            guard isDown else { return false }
            state = .up(since: now)
            return true
        }

        /// The connection was worth its while: the next failure begins anew.
        mutating func progressed() {
            failures = 0
            failingSince = nil
        }

        /// When the outage began, and whether the user has not been told of it.
        ///
        /// One that answers and drops us at once must not have us back as quickly, nor for ever: it
        /// may be our very request that ends it.
        private mutating func fall(at now: Instant) -> (begin: Instant, isNews: Bool) {
            let isNews = !isDown
            if case .up(let since) = state, now - since >= Limits.reconnectPauseMax { progressed() }
            state = .down
            let begin = failingSince ?? now
            failingSince = begin
            return (begin, isNews)
        }

        private var nextPauseMax: Duration {
            // Beyond 16 doublings any first pause is over the bound.
            min(Limits.reconnectPause * (1 << min(failures, 16)), Limits.reconnectPauseMax)
        }
    }
}
