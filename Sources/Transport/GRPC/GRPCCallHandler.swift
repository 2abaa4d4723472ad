/// Decides who answers a call.
package protocol GRPCRouter: AnyObject {
    /// The handler of a call, whose path and metadata are known but none of whose messages is.
    ///
    /// Nil means that there is no such method; the caller is told UNIMPLEMENTED, unless the router
    /// has already finished the call itself.
    func handler(for call: GRPCServerCall) -> (any GRPCCallHandler)?

    /// Adds the details that programs look at to a status with which the transport itself ends a
    /// call: a deadline, a limit, a breach of the protocol.
    func describe(_ status: GRPCStatus) -> GRPCStatus
}

extension GRPCRouter {
    /// By default a status says what it says.
    package func describe(_ status: GRPCStatus) -> GRPCStatus { status }
}

/// Answers one call.
///
/// Its methods are called one at a time, and never from within each other or from within a method
/// of the call.
package protocol GRPCCallHandler: AnyObject {
    /// One request message arrived, whole.
    func received(_ message: [UInt8])
    /// The caller will send no more messages.
    func requestEnded()
    /// The call ended other than by our `finish`. Called at most once.
    func cancelled(_ reason: GRPCCancellation)
    /// The call is gone, however it ended, and the handler is let go of. Called exactly once, last.
    func released()
    /// Bytes of messages kept until the request ends; they count against
    /// ``GRPCLimits/assemblingBytes``.
    var heldByteCount: Int { get }
    /// Whether the handler does nothing before the request has ended, so that
    /// ``GRPCLimits/requestDeadline`` applies.
    var awaitsRequestEnd: Bool { get }
    /// Whether the handler says by ``GRPCServerCall/consumed(_:)`` when it is done with a message,
    /// and the caller may send only so much more until then.
    var pacesRequest: Bool { get }
}

extension GRPCCallHandler {
    /// Most handlers hold nothing that must be let go of.
    package func released() {}

    /// Most handlers deal with a message when it arrives.
    package var heldByteCount: Int { 0 }

    /// A stream of requests may go on for as long as both sides like.
    package var awaitsRequestEnd: Bool { false }

    /// Most handlers deal with a message when it arrives.
    package var pacesRequest: Bool { false }
}

/// Why a call ended before it was finished.
package enum GRPCCancellation: Equatable {
    /// The caller took it back, with this HTTP/2 error code.
    case reset(HTTP2ErrorCode)
    /// The time the caller gave is over; it was told so.
    case deadlineExceeded
    /// The caller broke the protocol or a limit, and was told with this status.
    case refused(GRPCStatus)
    /// The connection is gone.
    case connectionLost(ConnectionCloseReason)
}
