internal import Reactor

/// What nghttp2's callbacks write to while nghttp2 runs: they record, and decide nothing.
@safe
final class HTTP2Recorder {
    /// Where bodies come from and go to: the session's owner, which outlives it.
    unowned var delegate: (any HTTP2SessionDelegate)?

    /// What has happened and was not handled yet.
    private var events: [HTTP2Event] = []
    /// Those being told; else empty, with room for the next.
    private var told: [HTTP2Event] = []
    private var chunk: (stream: HTTP2StreamID, bytes: UnsafeRawBufferPointer)?

    /// Where frames go; set exactly while the session produces.
    var output: Buffer?

    private let limits: HTTP2Limits
    private var block = HTTP2HeaderBlock()
    private var hasFilledFrame = false
    private var hasSentContentSincePing = false
    private var idleFrames: IdleFrameGuard

    init(limits: HTTP2Limits) {
        self.limits = limits
        idleFrames = IdleFrameGuard(limits: limits)
    }

    /// Tells of the events recorded so far, and forgets them.
    func tellEvents(to body: (HTTP2Event) -> Void) {
        guard !events.isEmpty else { return }
        swap(&events, &told)
        for event in told { body(event) }
        // A crowd of requests came at once, and seldom does.
        told.removeAll(keepingCapacity: told.count <= HTTP2Limits.eventsExpected)
    }

    func record(_ event: HTTP2Event) {
        events.append(event)
    }

    /// Notes where bytes of a body lie: in the input that nghttp2 is working on.
    func record(_ bytes: UnsafeRawBufferPointer, on stream: HTTP2StreamID) {
        precondition(unsafe chunk == nil, "nghttp2 went on before the bytes were taken")
        unsafe chunk = (stream, bytes)
        idleFrames.usefulFrame()
    }

    /// Lends out the bytes recorded last.
    ///
    /// Returns false when there are none.
    func takeChunk(_ body: (HTTP2StreamID, UnsafeRawBufferPointer) -> Void) -> Bool {
        guard let (stream, bytes) = unsafe chunk else { return false }
        unsafe chunk = nil
        unsafe body(stream, bytes)
        return true
    }

    // MARK: Header blocks

    func beginHeaders() {
        idleFrames.usefulFrame()
        block.begin()
    }

    /// Takes a field in.
    ///
    /// Returns false when the block is so far over the limit that the stream is rather reset than
    /// answered.
    func addHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
        let limit = limits.headerListBytes
        unsafe block.append(name: name, value: value, upTo: limit)
        guard block.listSize <= limits.headerListsBorne * limit else {
            block = HTTP2HeaderBlock()
            return false
        }
        return true
    }

    func finishHeaders(on stream: HTTP2StreamID, endsStream: Bool) {
        guard block.listSize <= limits.headerListBytes else {
            block = HTTP2HeaderBlock()
            return record(.headersTooLarge(stream))
        }
        record(.headers(stream, block.finish(), endsStream: endsStream))
    }

    // MARK: Frames that bring nothing

    /// A frame came that asks for no work and carries no bytes, as far as its header tells.
    func recordIdleFrame() {
        if idleFrames.idleFrameIsOneTooMany() { record(.tooManyIdleFrames) }
    }

    /// We have sent something to which the peer may answer.
    func questionSent() {
        idleFrames.usefulFrame()
    }

    // MARK: Pings

    /// Whether the peer had a reason to measure or to ask: we have sent it something.
    func recordPing() {
        record(.ping(contentSentSinceLast: hasSentContentSincePing))
        hasSentContentSincePing = false
    }

    func contentSent() {
        idleFrames.usefulFrame()
        hasSentContentSincePing = true
    }

    // MARK: Room

    /// The nine bytes before each frame. (RFC 9113, section 4.1.)
    static let frameHeaderSize = 9

    /// The longest frame that is worth asking for.
    ///
    /// For a longer one nghttp2 gets itself a buffer of that size, though bodies never lie in it, and
    /// keeps it: not before there has been a body that fills what it has.
    func frameBytes(allowedByPeer byteCount: Int) -> Int {
        min(byteCount, hasFilledFrame ? limits.frameBytesSent : HTTP2Limits.frameBytesBuffered)
    }

    /// So much of a body goes into the next frame.
    func bodyStepTaken(_ byteCount: Int) {
        hasFilledFrame = byteCount >= HTTP2Limits.frameBytesBuffered
    }

    /// How many of the `wanted` body bytes fit in a frame here; nil if the buffer had better be
    /// flushed first.
    ///
    /// An empty buffer will not get any emptier, so it always takes something.
    func roomForBody(wanted: Int) -> Int? {
        guard let output else { return nil }
        let room = output.writableCount - Self.frameHeaderSize
        let roomMin = output.readableCount == 0 ? 1 : min(wanted, HTTP2Limits.bodyBytesMin)
        return room >= roomMin ? min(wanted, room) : nil
    }
}
