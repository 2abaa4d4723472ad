import Reactor

extension Listener {
    /// When to accept and when to rest, without the effects.
    struct StateMachine {
        /// The next effect.
        enum Order: Equatable {
            case accept
            case cancelAccept
            case close
        }

        /// What an error of accept4(2) calls for.
        enum Reaction: Equatable {
            case goOn
            case rest
        }

        private enum State {
            case open
            case resting
            case closing
            case closed
        }

        private var state = State.open
        private var isAccepting = false
        private var hasCancelled = false
        private var acceptsThisTurn = 0
        private let acceptsPerTurn: Int

        init(acceptsPerTurn: Int) {
            self.acceptsPerTurn = acceptsPerTurn
        }

        /// Whether connections are still wanted.
        var isClosing: Bool { state == .closing || state == .closed }

        /// Decides what to do next.
        ///
        /// - Parameter isFull: whether as many handshakes are under way as there may be.
        /// - Returns: the order; nil when there is nothing to do but wait.
        mutating func nextOrder(isFull: Bool) -> Order? {
            switch state {
            case .open:
                guard !isAccepting, !isFull, acceptsThisTurn < acceptsPerTurn else { return nil }
                isAccepting = true
                return .accept
            case .closing where !isAccepting:
                state = .closed
                return .close
            case .closing where !hasCancelled:
                hasCancelled = true
                return .cancelAccept
            case .closing, .resting, .closed:
                return nil
            }
        }

        /// A connection was accepted.
        ///
        /// - Returns: true if it is the first of this turn.
        mutating func accepted() -> Bool {
            precondition(isAccepting, "nobody accepted")
            isAccepting = false
            acceptsThisTurn += 1
            return acceptsThisTurn == 1
        }

        /// The turn of the loop is over.
        mutating func turnEnded() {
            acceptsThisTurn = 0
        }

        /// Accepting has failed, or was cancelled.
        mutating func failed(_ error: Errno) -> Reaction {
            precondition(isAccepting, "nobody accepted")
            isAccepting = false
            guard state == .open, !Self.concernsOneConnection(error) else { return .goOn }
            state = .resting
            return .rest
        }

        /// The rest is over.
        mutating func rested() {
            if state == .resting { state = .open }
        }

        /// The listener is to be closed.
        mutating func close() {
            if state != .closed { state = .closing }
        }

        // A connection that died in the backlog says nothing about the next one. accept(2).
        private static func concernsOneConnection(_ error: Errno) -> Bool {
            error == .connectionAborted || error == .canceled
        }
    }
}
