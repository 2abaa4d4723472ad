internal import Reactor

/// What nghttp2's callbacks write to while nghttp2 runs: they record, and decide nothing.
@safe
final class HTTP2Recorder {
    /// Where bodies come from and go to: the session's owner, which outlives it.
    unowned var delegate: (any HTTP2SessionDelegate)?

    /// What has happened and was not handled yet.
    private var events: [HTTP2Event] = []
    private var chunk: (stream: HTTP2StreamID, bytes: UnsafeRawBufferPointer)?

    /// Where frames go; set exactly while the session produces.
    var output: Buffer?

    private let limits: HTTP2Limits
    private var block: [HTTP2Header] = []
    private var blockListSize = 0
    private var hasSentContentSincePing = false
    private var idleFrames: IdleFrameGuard

    init(limits: HTTP2Limits) {
        self.limits = limits
        idleFrames = IdleFrameGuard(limits: limits)
    }

    /// Hands over the events recorded so far.
    func takeEvents() -> [HTTP2Event] {
        defer { events = [] }
        return events
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

    // MARK: Header blocks: nghttp2 never interleaves two of them

    func beginHeaders() {
        idleFrames.usefulFrame()
        block = []
        blockListSize = 0
    }

    /// Counts a field before it is copied.
    ///
    /// Returns false when the block is so far over the limit that the stream is rather reset than
    /// answered.
    func admitsHeader(byteCount: Int) -> Bool {
        blockListSize += byteCount + HTTP2Header.overhead
        return blockListSize <= limits.headerListsBorne * limits.headerListBytes
    }

    func addHeader(_ header: HTTP2Header) {
        if blockListSize <= limits.headerListBytes { block.append(header) }
    }

    func finishHeaders(on stream: HTTP2StreamID, endsStream: Bool) {
        let isTooLarge = blockListSize > limits.headerListBytes
        record(
            isTooLarge
                ? .headersTooLarge(stream) : .headers(stream, block, endsStream: endsStream))
        block = []
        blockListSize = 0
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

    /// A frame of less is not worth its header and its turn: better flush first.
    private static let bodyBytesMin = 1 << 10

    func frameBytes(allowedByPeer byteCount: Int) -> Int {
        min(byteCount, limits.frameBytesSent)
    }

    /// How many of the `wanted` body bytes fit in a frame here; nil if the buffer had better be
    /// flushed first.
    ///
    /// An empty buffer will not get any emptier, so it always takes something.
    func roomForBody(wanted: Int) -> Int? {
        guard let output else { return nil }
        let room = output.writableCount - Self.frameHeaderSize
        let roomMin = output.readableCount == 0 ? 1 : min(wanted, Self.bodyBytesMin)
        return room >= roomMin ? min(wanted, room) : nil
    }
}
