/// What an HTTP/2 session allows its peer, and announces in its settings.
package struct HTTP2Limits: Sendable {
    /// Streams the peer may have open at a time: each costs about a kilobyte before it does
    /// anything, and 100 is the least RFC 9113 (section 6.5.2) recommends.
    package var concurrentStreams: UInt32 = 256

    /// Header block of one request or answer, as RFC 9113 counts it (32 bytes for each field).
    ///
    /// An error's details travel in a header, so it is wider than the 8 KiB of most gRPC stacks.
    package var headerListBytes = 16 << 10

    /// A block of so many times that is not answered but reset, and its rest is not kept.
    ///
    /// Up to there it is a client that must be told; beyond it is none: a field in the compression
    /// table costs its sender one byte and us all of it.
    package var headerListsBorne = 4

    /// Compression state for each direction: the protocol's own default, so that a session costs
    /// at most 8 KiB for it.
    package var headerTableBytes = 4 << 10

    /// Frames that continue one header block; endless ones are an attack (CVE-2024-28182).
    package var continuations = 8

    /// Largest frame the peer may send, 16 KiB to 16 MiB: a daemon gets small requests.
    package var frameBytesReceived = 16 << 10

    /// Largest frame we send, if the peer allows it.
    ///
    /// 256 KiB frames cost 22 % less CPU than 16 KiB ones, and larger ones gain nothing more.
    package var frameBytesSent = 256 << 10

    /// Bytes of one stream on their way to us, or received and not consumed.
    package var streamWindowBytes = 256 << 10

    /// The same for the whole connection: a few streams at full speed.
    package var connectionWindowBytes = 1 << 20

    /// Streams that may be reset within ``resetInterval``; more is an attack (CVE-2023-44487).
    ///
    /// Those that we reset because the client made us count as well (CVE-2025-8671). A script of
    /// short follows does 10 a second.
    package var resets = 1_000

    /// How long resets are counted before the count begins anew.
    package var resetInterval: Duration = .seconds(10)

    /// Frames that bring nothing: empty DATA, PRIORITY, SETTINGS, WINDOW_UPDATE, answers to pings
    /// that we did not send.
    ///
    /// Enough to open every window twice and to change one's mind a few times; each has to be
    /// decrypted and looked at (CVE-2019-9513, -9515, -9518).
    package var idleFrames = 1_000

    /// How many more of them there may be for each frame that does something: a request, bytes of
    /// a body in either direction, a question of ours.
    ///
    /// The most eager clients open two windows for each frame they get.
    package var idleFramesPerUsefulOne = 10

    /// Answers to pings and settings that wait because the peer does not read (CVE-2019-9512).
    package var outboundAcknowledgements = 1_000

    /// Settings in one frame: six are defined.
    package var settingsEntries = 32

    // MARK: The same for all sessions

    /// The size of nghttp2's buffer for a frame, which is also the least that a peer must take.
    static let frameBytesBuffered = 16 << 10

    /// A frame with less of a body is not worth its header and its turn: better flush first.
    static let bodyBytesMin = 1 << 10

    /// A header block of which the fields are kept for the next one, as ``headerListBytes`` counts.
    ///
    /// More is not worth its memory on a connection that may be silent for days.
    static let headerListBytesKept = 1 << 10

    /// Events of one step for which there is always room: more come of a crowd of requests.
    static let eventsExpected = 8

    /// Makes the limits described above, which suit a server.
    package init() {}

    /// Those of a client, which receives much on few streams.
    package static var client: HTTP2Limits {
        var limits = HTTP2Limits()
        limits.frameBytesReceived = 256 << 10
        // A gigabit over 40 ms holds 5 MB on its way; a slow terminal stops it all the same.
        limits.streamWindowBytes = 4 << 20
        limits.connectionWindowBytes = 8 << 20
        return limits
    }
}
