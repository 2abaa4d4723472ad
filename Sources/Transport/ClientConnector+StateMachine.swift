import Reactor

extension ClientConnector {
    /// Which address is tried next and when it is enough, without the effects.
    struct StateMachine {
        /// The next effect.
        enum Order: Equatable {
            case connect(SocketAddress, within: Duration)
            case give(up: ConnectFailure)
        }

        private let endpoint: Endpoint
        private let deadline: Instant
        private var rest: ArraySlice<SocketAddress> = []
        private var lastError: Errno?

        init(endpoint: Endpoint, deadline: Instant) {
            self.endpoint = endpoint
            self.deadline = deadline
        }

        /// The name has these addresses.
        mutating func resolved(_ addresses: [SocketAddress], at now: Instant) -> Order {
            rest = addresses[...]
            guard !addresses.isEmpty else {
                return .give(up: .unknownHost(endpoint.host, reason: "no usable address"))
            }
            return tryNext(at: now)
        }

        /// An attempt has failed, or was cancelled because its time was up.
        mutating func attemptFailed(_ error: Errno, at now: Instant) -> Order {
            lastError = error == .canceled ? .timedOut : error
            return tryNext(at: now)
        }

        /// Each of the addresses that are left gets an equal share of the time that is left, so that
        /// one that swallows every packet cannot use it all up.
        private mutating func tryNext(at now: Instant) -> Order {
            let left = deadline - now
            guard left > .zero, let address = rest.first else { return .give(up: failure) }
            defer { rest = rest.dropFirst() }
            return .connect(address, within: left / rest.count)
        }

        private var failure: ConnectFailure {
            guard let lastError, lastError != .timedOut else {
                return .timedOut(endpoint: endpoint.description)
            }
            return .refused(endpoint: endpoint.description, lastError)
        }
    }
}
