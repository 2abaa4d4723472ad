import Reactor

extension Connection {
    /// The life of a connection, without its effects.
    ///
    ///     handshaking ─► open ─┬──────────────► joining ─► closed
    ///          │          │    └► unheard ─────────▲
    ///          └──────────┴─► draining ─► lingering ┘
    ///
    /// Events change the state; ``nextOrder(unsentCount:)`` then says what is to be done, one order
    /// at a time, until there is nothing to do but wait.
    struct StateMachine {
        /// Where in its life the connection is.
        enum Phase: Equatable {
            case handshaking
            case open

            /// Sending has failed; what the peer said before is still read, because it may be the
            /// alert that explains the failure.
            case unheard(Errno)

            /// What is left is sent; nothing new is taken from either side.
            case draining(ConnectionCloseReason)

            /// Our end of the stream is sent; what the peer sends is thrown away until it ends too.
            case lingering(ConnectionCloseReason)

            /// Operations in flight are cancelled and waited for.
            case joining(ConnectionCloseReason)

            case closed
        }

        /// The next effect.
        enum Order: Equatable {
            case receiveLent
            case receive
            case useUp
            case send
            case halfClose
            case cancelOperations
            case close(ConnectionCloseReason)
        }

        /// What the phase may last.
        enum Deadline: Equatable {
            case handshake
            case drain
            case linger
        }

        private enum Receiving {
            case idle

            /// There may be more than the last buffer could take.
            case readable

            /// With a buffer of our own or, where nothing is there yet, with one that will be lent.
            case receiving

            /// The bytes are here, and wait while the peer does not read what we have to say.
            case received

            /// The bytes are being used up.
            case processing

            case ended
        }

        private(set) var phase = Phase.handshaking
        private(set) var isSending = false
        private var receiving = Receiving.idle
        private var hasCancelled = false
        private var lingeredBytes = 0
        private let unsentBytesWhileReading: Int
        private let lingerBytes: Int
        private let isAccepted: Bool

        /// Begins a life.
        ///
        /// - Parameters:
        ///   - limits: the numbers it obeys.
        ///   - isAccepted: true for a server's end, which stops reading a peer that does not read.
        ///     A client's end always reads: if both waited for the other to read, they would
        ///     wait for ever, each with its send buffer full.
        init(limits: TransportLimits, isAccepted: Bool) {
            unsentBytesWhileReading = limits.unsentBytesWhileReading
            lingerBytes = limits.lingerBytes
            self.isAccepted = isAccepted
        }

        /// How long the present phase may last, if that is bounded.
        var deadline: Deadline? {
            switch phase {
            case .handshaking: .handshake
            case .draining: .drain
            case .lingering, .unheard: .linger
            case .open, .joining, .closed: nil
            }
        }

        /// Whether bytes from the peer still mean something.
        var isHearing: Bool {
            switch phase {
            case .handshaking, .open, .unheard: true
            case .draining, .lingering, .joining, .closed: false
            }
        }

        // MARK: Orders

        /// Decides what to do next.
        ///
        /// - Parameter unsentCount: the bytes that wait to be sent, in flight or not.
        /// - Returns: the order; nil when there is nothing to do but wait.
        mutating func nextOrder(unsentCount: Int) -> Order? {
            switch phase {
            case .handshaking, .open:
                let isHeldBack = isAccepted && unsentCount > unsentBytesWhileReading
                return orderToSend(unsentCount) ?? (isHeldBack ? nil : orderToReceive())
            case .unheard:
                return orderToReceive()
            case .draining(let reason):
                return orderToSend(unsentCount) ?? orderToHalfClose(reason)
            case .lingering(let reason):
                guard receiving == .ended else { return orderToReceive() }
                phase = .joining(reason)
                return orderToJoin(reason)
            case .joining(let reason):
                return orderToJoin(reason)
            case .closed:
                return nil
            }
        }

        private mutating func orderToSend(_ unsentCount: Int) -> Order? {
            guard unsentCount > 0, !isSending else { return nil }
            isSending = true
            return .send
        }

        /// A quiet peer is waited for without a buffer.
        private mutating func orderToReceive() -> Order? {
            switch receiving {
            case .idle:
                receiving = .receiving
                return .receiveLent
            case .readable:
                receiving = .receiving
                return .receive
            case .received:
                receiving = .processing
                return .useUp
            case .receiving, .processing, .ended:
                return nil
            }
        }

        private mutating func orderToHalfClose(_ reason: ConnectionCloseReason) -> Order? {
            guard !isSending else { return nil }
            phase = .lingering(reason)
            return .halfClose
        }

        /// Cancel, join, close: a buffer must not go away under an operation, nor a descriptor's
        /// number be used again.
        private mutating func orderToJoin(_ reason: ConnectionCloseReason) -> Order? {
            guard isSending || receiving == .receiving else {
                phase = .closed
                return .close(reason)
            }
            guard !hasCancelled else { return nil }
            hasCancelled = true
            return .cancelOperations
        }

        // MARK: Events

        /// Both ends have proven who they are.
        mutating func handshakeCompleted() {
            if phase == .handshaking {
                phase = .open
            }
        }

        /// Bytes have arrived, or with a count of 0 the end of the stream.
        ///
        /// - Returns: true if the bytes are to be kept until they are ordered to be used up; false if
        ///   they are to be thrown away.
        mutating func received(_ count: Int) -> Bool {
            precondition(receiving == .receiving, "nobody received this")
            guard count > 0 else {
                streamEnded()
                return false
            }
            receiving = isHearing ? .received : .idle
            if case .lingering(let reason) = phase {
                lingeredBytes += count
                if lingeredBytes > lingerBytes { phase = .joining(reason) }
            }
            return receiving == .received
        }

        private mutating func streamEnded() {
            receiving = .ended
            switch phase {
            case .handshaking: phase = .joining(.handshakeFailed(.closedDuringHandshake))
            case .open: phase = .joining(.peerClosed)
            case .unheard(let errno): phase = .joining(.reset(errno))
            case .lingering(let reason): phase = .joining(reason)
            case .draining, .joining, .closed: break
            }
        }

        /// The bytes are used up; there may be more if they had filled their buffer.
        mutating func processed(mayHaveMore: Bool) {
            precondition(receiving == .processing, "nothing was processed")
            receiving = mayHaveMore ? .readable : .idle
        }

        /// Receiving has failed, or was cancelled.
        mutating func receiveFailed(_ errno: Errno) {
            precondition(receiving == .receiving, "nobody received")
            receiving = .ended
            switch phase {
            case .handshaking, .open: phase = .joining(.reset(errno))
            case .unheard(let earlier): phase = .joining(.reset(earlier))
            case .lingering(let reason): phase = .joining(reason)
            case .draining, .joining, .closed: break
            }
        }

        /// Some bytes were taken by the kernel.
        mutating func sent() {
            precondition(isSending, "nobody sent")
            isSending = false
        }

        /// Sending has failed, or was cancelled.
        mutating func sendFailed(_ errno: Errno) {
            precondition(isSending, "nobody sent")
            isSending = false
            switch phase {
            case .handshaking, .open:
                phase = receiving == .ended ? .joining(.reset(errno)) : .unheard(errno)
            case .draining(let reason): phase = .joining(reason)
            case .unheard, .lingering, .joining, .closed: break
            }
        }

        /// The connection is to end, politely if the reason allows it; only the first call counts.
        mutating func end(_ reason: ConnectionCloseReason) {
            switch phase {
            case .open: phase = reason.allowsFarewell ? .draining(reason) : .joining(reason)
            case .handshaking: phase = reason.hasParting ? .draining(reason) : .joining(reason)
            case .unheard: phase = .joining(reason)
            case .draining, .lingering, .joining, .closed: break
            }
        }

        /// What the connection holds is needed for others, and nobody has proven anything on it.
        mutating func giveWay() {
            switch phase {
            case .handshaking: phase = .joining(.crowdedOut)
            case .draining(let reason), .lingering(let reason): phase = .joining(reason)
            case .unheard(let errno): phase = .joining(.reset(errno))
            case .open, .joining, .closed: break
            }
        }

        /// The present phase has lasted too long.
        mutating func deadlinePassed() {
            switch phase {
            case .handshaking: phase = .joining(.handshakeTimeout)
            case .draining(let reason), .lingering(let reason): phase = .joining(reason)
            case .unheard(let errno): phase = .joining(.reset(errno))
            case .open, .joining, .closed: preconditionFailure("this phase has no deadline")
            }
        }
    }
}

extension ConnectionCloseReason {
    /// Whether TLS has left an alert for the peer, which is all that can be said in a handshake.
    fileprivate var hasParting: Bool {
        guard case .handshakeFailed(let failure) = self else { return false }
        return !failure.isFromPeer
    }
}
