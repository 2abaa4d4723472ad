/// What a session has noticed, in the order in which it happened.
///
/// nghttp2 tells of it from within its callbacks, where it may not be called back; so it is
/// recorded there, and handled when nghttp2 has returned. Bytes of a body are the one thing that
/// is not recorded: they are handed on where they lie, in their turn.
enum HTTP2Event: Hashable {
    /// The peer's first settings, or new ones: it speaks HTTP/2.
    case settings
    /// A whole header block: of a request, an answer, or trailers.
    case headers(HTTP2StreamID, [HTTP2Header], endsStream: Bool)
    /// A header block over our limit; its fields are gone.
    case headersTooLarge(HTTP2StreamID)
    /// The peer sends nothing more on this stream.
    case ended(HTTP2StreamID)
    /// The stream is gone, in both directions.
    case closed(HTTP2StreamID, HTTP2ErrorCode)
    /// A stream was reset, by the peer or because of what it did.
    case reset(HTTP2StreamID)
    /// The peer has sent more frames that bring nothing than it may. Recorded once.
    case tooManyIdleFrames
    /// The peer asks whether we live; nghttp2 answers.
    case ping(contentSentSinceLast: Bool)
    /// The peer lives: it answered our ping with these eight bytes.
    case pingAcknowledged(UInt64)
    /// The peer takes no new streams, and has done nothing for those after the last one.
    case goAway(last: HTTP2StreamID)
    /// The peer broke the protocol, and the GOAWAY that says so is written: this was the end.
    case gaveUp(HTTP2ErrorCode)
}
