internal import Reactor

/// The life of a call on the client: what the receiver is told, and with which verdict it ends.
///
///     waiting ──headers──► answering ──trailers──► ended
///        └───────────trailers only, reset, deadline, cancel──▲
///
/// It ends exactly once; what arrives later is of no interest.
struct GRPCClientCallStateMachine {
    private enum State { case waiting, answering, ended }

    private var state = State.waiting
    private var isRequestOpen = true

    /// Whether the verdict is still to come.
    var isOpen: Bool { state != .ended }

    /// Whether more messages may be sent.
    var canSend: Bool { isOpen && isRequestOpen }

    /// Whether no message follows those that are queued.
    var isRequestEnded: Bool { !isRequestOpen }

    /// What the receiver is told.
    enum Action: Equatable {
        case none
        case headers(GRPCMetadata)
        /// - Parameters:
        ///   - resets: whether the server must be told that nothing more is wanted.
        case finish(GRPCStatus, GRPCMetadata, resets: Bool)
    }

    /// The caller has no more messages.
    mutating func halfClose() {
        isRequestOpen = false
    }

    mutating func received(_ block: GRPCResponseBlock) -> Action {
        switch (state, block) {
        case (.ended, _), (_, .interim):
            return .none
        case (.waiting, .initial(let metadata, _)):
            state = .answering
            return .headers(metadata)
        case (.answering, .initial):
            return end(GRPCStatus(.internal, "the server answered twice"), resets: true)
        case (_, .trailers(let status, let metadata)):
            return end(status, metadata, resets: false)
        case (_, .foreign(let status)):
            return end(status, resets: true)
        }
    }

    /// The stream ended in good order, but not as gRPC wants it: without trailers.
    mutating func endedWithoutTrailers() -> Action {
        end(GRPCStatus(.unknown, "the server ended the answer without a status"), resets: false)
    }

    /// The stream was reset.
    ///
    /// - Parameters:
    ///   - code: what the server said.
    ///   - isDeadlineOver: whether the time given to the call is over: the server's clock may be
    ///     a little ahead of ours, and its reset is then no other news.
    /// - Returns: what the receiver is told.
    mutating func reset(_ code: HTTP2ErrorCode, isDeadlineOver: Bool) -> Action {
        if code == .cancel, isDeadlineOver { return cut(.deadlineExceeded, resets: false) }
        let status = GRPCStatus(GRPCStatusCode(resetBy: code), "the server reset the call: \(code)")
        return end(status, resets: false)
    }

    /// The call ends for a reason on this side.
    mutating func cut(_ status: GRPCStatus, resets: Bool) -> Action {
        end(status, resets: resets)
    }

    private mutating func end(
        _ status: GRPCStatus, _ metadata: GRPCMetadata = GRPCMetadata(), resets: Bool
    ) -> Action {
        guard isOpen else { return .none }
        state = .ended
        return .finish(status, metadata, resets: resets)
    }
}

extension GRPCStatus {
    /// The time given to a call is over.
    static let deadlineExceeded = GRPCStatus(.deadlineExceeded, "deadline exceeded")
}
