package import Reactor

/// What speaks on a connection: takes decrypted bytes, makes bytes to be encrypted, does no I/O.
///
/// The calls come in this order: one ``connectionEstablished(_:peer:security:)``, then any number of
/// ``receive(_:)`` and ``produce(into:)``, then one ``connectionClosed(_:)``. A connection that
/// never gets as far as its handshake's end skips all but the last.
package protocol ApplicationProtocol: AnyObject {
    /// The handshake is over and the peer is who it should be; bytes may be produced from now on.
    ///
    /// - Parameters:
    ///   - connection: what carries the bytes. Hold on to it no longer than until
    ///     ``connectionClosed(_:)``.
    ///   - peer: the peer's verified certificate, or nil on a connection without TLS.
    ///   - security: what was negotiated, or nil on a connection without TLS.
    func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?)

    /// Bytes have arrived; they are only lent for the duration of the call.
    ///
    /// May ask the connection to flush or close. Neither calls back before this returns.
    func receive(_ bytes: UnsafeRawBufferPointer)

    /// Appends what is to be sent, as long as the buffer has room.
    ///
    /// Called at the end of a turn after ``ConnectionControl/requestFlush()``, and again once a buffer
    /// that it has filled has been sent. To leave room means: nothing more until the next request.
    func produce(into buffer: Buffer)

    /// True once the application wants neither to read nor to write any more.
    ///
    /// The connection then sends what it has and closes with ``ConnectionCloseReason/finished``.
    var isFinished: Bool { get }

    /// The connection is gone. Called exactly once, and nothing is called after it.
    func connectionClosed(_ reason: ConnectionCloseReason)
}

/// The connection, as its application sees it.
package protocol ConnectionControl: AnyObject {
    /// Asks for ``ApplicationProtocol/produce(into:)`` at the end of this turn of the loop.
    func requestFlush()

    /// Ends the connection; only the first call counts.
    ///
    /// The application gets no more bytes. If the peer may still listen (see
    /// ``ConnectionCloseReason/allowsFarewell``) `produce` is called once more at the end of
    /// the turn, for a last word, and everything produced is sent before the connection closes.
    func close(_ reason: ConnectionCloseReason)

    /// The loop the connection lives on.
    var reactor: Reactor { get }

    /// The numbers the connection obeys.
    var limits: TransportLimits { get }

    /// Where the peer is, if known.
    var remoteAddress: SocketAddress? { get }

    /// Since when the kernel has taken no more of the bytes that wait; nil while none wait.
    var stalledSince: Instant? { get }
}
