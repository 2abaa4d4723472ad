/// The life of a call on the server: what may be sent now, and who must be told of its end.
///
///     idle ──send──► answering ──finish──► draining ──queue empty──► ended
///       └─────────────finish (no message was sent)─────────────────────▲
///
/// Whoever ends it first decides how: what comes after the end is dropped without a word, because
/// a handler cannot know that a deadline passed or a reset arrived earlier in the same turn.
struct GRPCServerCallStateMachine {
    private enum State: Equatable {
        /// No response headers yet.
        case idle
        /// Headers are sent; messages may follow.
        case answering
        /// The handler has finished; queued messages go first.
        case draining(GRPCStatus)
        /// Nothing more is sent.
        case ended
    }

    private var state = State.idle
    /// Whether more of the request is to come.
    private(set) var isRequestOpen = true

    /// Whether the handler may still change the outcome.
    var isOpen: Bool {
        switch state {
        case .idle, .answering: true
        case .draining, .ended: false
        }
    }

    /// What becomes of a message, or of a source, that the handler gives.
    enum SendAction { case startThenAccept, accept, drop }

    mutating func send() -> SendAction {
        switch state {
        case .idle:
            state = .answering
            return .startThenAccept
        case .answering: return .accept
        case .draining, .ended: return .drop
        }
    }

    /// How the answer is ended.
    enum FinishAction: Equatable {
        /// One header block that is both beginning and end.
        case sendTrailersOnly(GRPCStatus)
        /// At once: there is nothing before them.
        case sendTrailers(GRPCStatus)
        /// When the queue is empty, which `queueDrained` tells.
        case drain
        /// It has ended already.
        case none
    }

    mutating func finish(_ status: GRPCStatus, isQueueEmpty: Bool) -> FinishAction {
        switch state {
        case .idle:
            state = .ended
            return .sendTrailersOnly(status)
        case .answering where isQueueEmpty:
            state = .ended
            return .sendTrailers(status)
        case .answering:
            state = .draining(status)
            return .drain
        case .draining, .ended:
            return .none
        }
    }

    /// The queue is empty; returns the status if that is the end.
    mutating func queueDrained() -> GRPCStatus? {
        guard case .draining(let status) = state else { return nil }
        state = .ended
        return status
    }

    /// How a call that the transport ends is ended.
    struct CutAction: Equatable {
        var finish: FinishAction
        /// Whether the handler has to hear of it: it has not finished itself.
        var tellsHandler: Bool
    }

    /// A deadline has passed, or the request is not acceptable: the answer ends here, and what is
    /// queued is not waited for.
    mutating func cut(_ status: GRPCStatus) -> CutAction {
        defer { state = .ended }
        switch state {
        case .idle: return CutAction(finish: .sendTrailersOnly(status), tellsHandler: true)
        case .answering: return CutAction(finish: .sendTrailers(status), tellsHandler: true)
        case .draining: return CutAction(finish: .sendTrailers(status), tellsHandler: false)
        case .ended: return CutAction(finish: .none, tellsHandler: false)
        }
    }

    /// The stream or the connection is gone.
    ///
    /// Returns whether the handler has to hear of it.
    mutating func lost() -> Bool {
        defer { state = .ended }
        return isOpen
    }

    /// The request's last message has arrived.
    ///
    /// Returns whether the handler is told.
    mutating func requestEnded() -> Bool {
        defer { isRequestOpen = false }
        return isRequestOpen && isOpen
    }
}
