internal import Reactor

/// What both ends of gRPC have in common: an HTTP/2 session on a connection, and the watch over its
/// silence.
final class GRPCLink {
    let session: HTTP2Session

    /// The connection; nil before it is there and once it is gone.
    private(set) var control: (any ConnectionControl)?

    private let limits: GRPCLimits
    private var keepalive: Keepalive?

    init(_ role: HTTP2Session.Role, limits: TransportLimits) {
        session = HTTP2Session(role: role, limits: limits.http2)
        self.limits = limits.grpc
    }

    /// The connection is there: our settings go out, and silence counts from now on.
    ///
    /// - Parameters:
    ///   - connection: what carries the bytes.
    ///   - isWatched: whether it matters at the moment if the peer lives.
    func established(
        _ connection: any ConnectionControl, isWatched: @escaping () -> Bool = { true }
    ) {
        control = connection
        keepalive = Keepalive(
            connection, limits: limits, isNeeded: isWatched,
            // Not weak, which would make each use of the link slower: it ends the watch itself.
            ask: { [unowned self] in ask() },
            giveUp: { [unowned self] in close(.keepaliveTimeout) })
        requestFlush()
    }

    /// The connection is gone.
    func closed() {
        keepalive?.stop()
        control = nil
    }

    func requestFlush() {
        control?.requestFlush()
    }

    func close(_ reason: ConnectionCloseReason) {
        control?.close(reason)
    }

    // MARK: Bytes

    /// Takes bytes from the peer; what cannot be understood ends the connection.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        keepalive?.heard()
        do {
            try unsafe session.receive(bytes)
        } catch {
            session.terminate(after: error)
            close(.protocolError(error.description))
        }
        requestFlush()
    }

    /// Makes bytes for the peer.
    func produce(into buffer: Buffer) {
        do {
            try session.produce(into: buffer)
        } catch {
            close(.protocolError(error.description))
        }
        // What did not fit would otherwise wait for somebody else's request.
        if session.wantsToWrite { requestFlush() }
    }

    private func ask() {
        session.ping(PingPayload.keepalive)
        requestFlush()
    }
}

/// The eight bytes of our pings, so that their answers can be told apart.
enum PingPayload {
    static let keepalive: UInt64 = 0
    static let drain: UInt64 = 1
}
