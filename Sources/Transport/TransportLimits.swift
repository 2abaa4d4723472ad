/// Every number the transport obeys, with the reason beside it.
///
/// The daemon and the command line each make one and change what they need; nothing in this room
/// carries a number of its own.
package struct TransportLimits: Sendable {
    // MARK: Connections

    /// From the accepted socket to the end of the TLS handshake.
    ///
    /// A silent peer must not hold a slot.
    package var handshakeDeadline: Duration = .seconds(10)

    /// From the name of a server to a connected socket, over all of its addresses.
    package var connectDeadline: Duration = .seconds(10)

    /// For the bytes that are still to be sent when a connection is closed in good order.
    package var drainDeadline: Duration = .seconds(5)

    /// From our end of stream to the peer's.
    ///
    /// Closing a socket with unread bytes makes the kernel send a reset, and a reset can overtake
    /// and destroy the alert or the trailers that went before it. So we read on and throw away.
    package var lingerDeadline: Duration = .seconds(2)

    /// What is read and thrown away while lingering; who sends more is cut off.
    package var lingerBytes = 1 << 20

    /// One receive takes at most this much: four full TLS records, with what TLS adds to each.
    package var receiveBufferBytes = 66 << 10

    /// One send takes at most this much: batches of 256 KiB cost 28 % less CPU than of 16 KiB.
    package var sendBufferBytes = 256 << 10

    /// So many TLS records are made at a time for a peer that does not take what the kernel has for
    /// it, and for all while many wait: what is encrypted takes memory, what is not may still be a file.
    package var recordsInSmallBatch = 3

    /// While more than this waits to be sent, a server's end does not read its client.
    ///
    /// So requests cannot pile up answers. Something waits when the kernel takes no more, with some
    /// 128 KiB unsent, or will be gone with the next turn.
    package var unsentBytesWhileReading = 0

    /// TCP_NOTSENT_LOWAT: a stopped reader otherwise holds 4 MB in the kernel.
    package var notSentLowWaterBytes = 128 << 10

    /// Receive and send buffers of each kind kept for the next use instead of being freed: 5 MiB.
    package var buffersKept = 16

    // MARK: Accepting

    /// Connections taken from one listener in one turn of the loop, lest a flood of them
    /// starve the streams that are open.
    package var acceptsPerTurn = 16

    /// Connections a server has at once; who comes when all are taken is closed at once.
    ///
    /// Each takes a descriptor, and about 50 KiB once its client is known.
    package var connectionsAtOnce = 16_384

    /// Connections between accept and the end of their handshake.
    ///
    /// One costs 3 KiB, and 55 from the first whole record on. The last place is kept free: while
    /// all others are taken, who has been silent for too long gives way.
    package var handshakesAtOnce = 1_024

    /// How long a connection may be silent after it was accepted before others may have its place.
    ///
    /// A client speaks first and has all it needs to do so. With the handshakes at once it bounds
    /// what 5,000 silent connections can make others wait: five times this.
    package var firstWordPatience: Duration = .milliseconds(100)

    /// The same after each answer of ours: a round trip around the world, and time to verify us.
    package var nextWordPatience: Duration = .milliseconds(500)

    /// Handshake steps in one turn: one costs up to 4.4 ms with an RSA-4096 server key.
    package var handshakeStepsPerTurn = 4

    /// How long a listener rests when the process or the system is out of descriptors.
    package var acceptPause: Duration = .milliseconds(200)

    /// A listener speaks of its troubles at most this often.
    package var acceptReportInterval: Duration = .seconds(60)

    // MARK: TLS

    /// TLS key updates taken from the peer in a minute.
    ///
    /// Each makes us derive keys, and OpenSSL queues an answer to each without any bound.
    package var keyUpdatesPerMinute = 64

    /// We change our own sending key after this much.
    ///
    /// An AES-GCM key is good for 2^24.5 full records, which is 388 GB (RFC 8446, section 5.5).
    package var bytesPerSendingKey: UInt64 = 128 << 30

    /// The longest chain of certificates a peer may send, in bytes.
    package var certificateChainBytes = 64 << 10

    // MARK: HTTP/2 and gRPC

    /// What an HTTP/2 session allows its peer.
    package var http2 = HTTP2Limits()

    /// What a gRPC connection takes.
    package var grpc = GRPCLimits()

    /// Makes the limits described above.
    package init() {}
}
