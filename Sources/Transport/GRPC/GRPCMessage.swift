package import Reactor

/// One serialized message on its way out: the bytes of `head`, then those of `payload`.
///
/// A stream of job output puts the few bytes that describe a chunk into `head` and shares the chunk
/// itself as `payload` with all who follow the job, so that it is read once, and copied only into
/// the connection's buffer.
package struct GRPCMessage {
    /// The first bytes of the serialized message.
    package let head: [UInt8]
    /// The rest of it, which is let go once it was sent or never will be.
    package let payload: SharedBytes?

    /// Makes a message of bytes alone.
    package init(_ bytes: [UInt8]) {
        self.init(head: bytes, payload: nil)
    }

    /// Makes a message of bytes that others send, too.
    package init(head: [UInt8], payload: SharedBytes?) {
        self.head = head
        self.payload = payload
    }
}

/// Where a streaming answer comes from: it is asked for the next message when there is room.
///
/// `next()` is called while the connection writes. It may look at anything and may call any method
/// of the call, but what it causes is sent later.
package protocol MessageSource: AnyObject {
    /// The next message, if there is one by now.
    func next() -> NextMessage
}

/// What a ``MessageSource`` has to say when it is asked.
package enum NextMessage {
    /// This comes next.
    case message(GRPCMessage)
    /// Nothing yet; the source calls `resume()` on its call when that has changed.
    case notYet
    /// Nothing any more: the call ends with this status.
    case end(GRPCStatus)
}
