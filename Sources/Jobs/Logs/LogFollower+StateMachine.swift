extension LogFollower {
    /// When to look at the log, when to sleep and when to end: pure, so its tests are tables.
    ///
    /// Two orderings must be right. A change during a look is latched and forces one more look,
    /// because the look may have read before the change. And whether the log was sealed is sampled
    /// before the look: only a sealed log that then had nothing more has nothing more.
    struct StateMachine {
        private enum State {
            /// Nobody asks.
            case idle
            /// The owner looks; somebody waits for what it finds.
            case looking(sealed: Bool, changed: Bool)
            /// Something was found and not yet taken.
            case ready
            /// Nothing was there; somebody waits for a change.
            case asleep
            /// All was delivered.
            case finished
            case closed
        }

        /// What to answer the one who asks for more.
        enum Answer: Equatable {
            /// Nothing yet: look at the log.
            case look(sealed: Bool)
            /// Nothing yet.
            case wait
            /// What was found.
            case deliver
            /// That was all.
            case finish
        }

        /// What the owner of the machine is to do next.
        enum Action: Equatable {
            case nothing
            /// Look at the log again.
            case look(sealed: Bool)
            /// Tell the one who asked that it is worth asking again.
            case announce
        }

        private var state = State.idle
        private(set) var isSealed: Bool

        /// Begins; a log that was complete before, or that is only read as far as it goes now, is
        /// sealed.
        init(isSealed: Bool) {
            self.isSealed = isSealed
        }

        /// Whether the owner still looks.
        var isLooking: Bool {
            guard case .looking = state else { return false }
            return true
        }

        var isClosed: Bool {
            guard case .closed = state else { return false }
            return true
        }

        /// Somebody asks for more.
        mutating func pulled() -> Answer {
            switch state {
            case .idle:
                state = .looking(sealed: isSealed, changed: false)
                return .look(sealed: isSealed)
            case .looking, .asleep:
                return .wait
            case .ready:
                state = .idle
                return .deliver
            case .finished:
                return .finish
            case .closed:
                preconditionFailure("asks a closed follower")
            }
        }

        /// The owner has looked, and found something or nothing.
        mutating func looked(foundSomething: Bool) -> Action {
            guard case .looking(let sealed, let changed) = state else {
                preconditionFailure("nobody was looking")
            }
            if foundSomething {
                state = .ready
                return .announce
            }
            if sealed {
                state = .finished
                return .announce
            }
            guard changed else {
                state = .asleep
                return .nothing
            }
            state = .looking(sealed: isSealed, changed: false)
            return .look(sealed: isSealed)
        }

        /// The log may have changed.
        mutating func logChanged() -> Action {
            switch state {
            case .looking(let sealed, _):
                state = .looking(sealed: sealed, changed: true)
                return .nothing
            case .asleep:
                // Whoever waits looks when it can use what there is: it may have to wait its turn,
                // and there is more then.
                state = .idle
                return .announce
            case .idle, .ready, .finished, .closed:
                // Whoever asks next looks anyway.
                return .nothing
            }
        }

        /// Nothing can change any more.
        mutating func logSealed() -> Action {
            isSealed = true
            return logChanged()
        }

        /// Nobody will ask again.
        mutating func close() {
            state = .closed
        }
    }
}
