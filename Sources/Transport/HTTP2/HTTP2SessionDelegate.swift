internal import Reactor

/// Who owns a session: hears what it notices, and holds the bodies of its streams.
protocol HTTP2SessionDelegate: AnyObject {
    /// Something has happened. Any method of the session may be called but `receive` and `produce`.
    func handle(_ event: HTTP2Event)

    /// Bytes of a body, on loan for the duration of the call. The same methods may be called.
    func received(_ bytes: UnsafeRawBufferPointer, on stream: HTTP2StreamID)

    /// How the body goes on, if at most `byteCountMax` bytes of it may be sent now.
    ///
    /// Called from within `produce`, and so from within nghttp2; the same methods may be called.
    func nextBodyStep(on stream: HTTP2StreamID, upTo byteCountMax: Int) -> HTTP2BodyStep

    /// Appends exactly as many bytes as the step before has promised; there is room for them.
    ///
    /// Follows that step at once, and only copies.
    func writeBody(_ byteCount: Int, on stream: HTTP2StreamID, into buffer: Buffer)
}

/// How a body goes on.
enum HTTP2BodyStep: Hashable {
    /// Nothing to send until `resumeBody` is called.
    case wait
    /// So many bytes now.
    case send(Int, then: HTTP2BodyContinuation)
}

/// What comes after some bytes of a body.
enum HTTP2BodyContinuation: Hashable {
    /// More of it, perhaps.
    case more
    /// Nothing; the last frame says so.
    case endOfStream
    /// These trailers, and then nothing.
    case trailers([HTTP2Header])
}
