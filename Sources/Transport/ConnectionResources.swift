package import Reactor

/// What all connections of one loop share: limits, buffers, and the gate of the handshakes.
///
/// A connection borrows a buffer only while there are bytes in it, so that ten thousand idle ones
/// hold none. The two scratch buffers are empty whenever no connection is at work.
package final class ConnectionResources {
    /// The loop.
    package let reactor: Reactor

    /// The numbers that everything here obeys.
    package let limits: TransportLimits

    /// Holds handshakes back when there are too many.
    package let gate: HandshakeGate

    let receiveBuffers: BufferPool
    let sendBuffers: BufferPool

    /// Where decrypted bytes lie while the application looks at them: one TLS record.
    let incomingPlaintext = Buffer(capacity: tlsRecordBytes)

    /// Where the application puts what is to be encrypted: as many full records as fit into a send
    /// buffer.
    let outgoingPlaintext: Buffer

    /// The same for a small batch: what is encrypted must be kept until it is sent.
    let smallPlaintext: Buffer

    /// The room that a send buffer needs for all of ``outgoingPlaintext``.
    let encryptedBatchBytes: Int

    /// RFC 8446, section 5.1: a record holds at most 2^14 bytes of plaintext.
    private static let tlsRecordBytes = 1 << 14

    /// Header, content type and authentication of one record (RFC 8446, section 5.2).
    private static let tlsRecordOverhead = 5 + 1 + 16

    /// What TLS itself may have to say besides: alerts, answers to key updates.
    private static let tlsReserveBytes = 8 << 10

    /// Makes the shared parts for one loop.
    package init(reactor: Reactor, limits: TransportLimits) {
        self.reactor = reactor
        self.limits = limits
        gate = HandshakeGate(reactor: reactor, limits: limits)
        receiveBuffers = BufferPool(
            bufferCapacity: limits.receiveBufferBytes, keptAtMost: limits.buffersKept)
        sendBuffers = BufferPool(
            bufferCapacity: limits.sendBufferBytes, keptAtMost: limits.buffersKept)
        let records =
            (limits.sendBufferBytes - Self.tlsReserveBytes)
            / (Self.tlsRecordBytes + Self.tlsRecordOverhead)
        precondition(records > 0, "a send buffer that holds not even one TLS record")
        outgoingPlaintext = Buffer(capacity: records * Self.tlsRecordBytes)
        smallPlaintext = Buffer(
            capacity: min(limits.recordsInSmallBatch, records) * Self.tlsRecordBytes)
        encryptedBatchBytes = records * (Self.tlsRecordBytes + Self.tlsRecordOverhead)
    }

    /// Bytes that have to wait, for nobody knows how long, in no more memory than they need.
    ///
    /// The buffer they were in is used again at once, unless it is half full: to copy more costs more
    /// than it gives.
    func fitted(_ buffer: Buffer) -> Buffer {
        guard buffer.readableCount <= buffer.capacity / 2 else { return buffer }
        let fitting = Buffer(capacity: buffer.readableCount)
        unsafe buffer.withReadableBytes { unsafe fitting.append($0) }
        giveBackSent(buffer)
        return fitting
    }

    /// Takes back a buffer for sending, unless it was only made to fit.
    func giveBackSent(_ buffer: Buffer) {
        guard buffer.capacity == sendBuffers.bufferCapacity else { return }
        sendBuffers.giveBack(buffer)
    }

    /// Whether a buffer full of encrypted bytes may have to wait: of all connections, no more than
    /// there are buffers kept.
    var hasRoomForFullBatch: Bool { sendBuffers.lentCount <= sendBuffers.keptAtMost }
}
