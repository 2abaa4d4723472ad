package import Reactor

/// Why a connection ended.
package enum ConnectionCloseReason: Error, Equatable {
    /// The application had nothing more to do.
    case finished

    /// The peer closed the connection.
    case peerClosed

    /// The network or the peer's system broke the connection.
    case reset(Errno)

    /// No connection could be made at all.
    case connectFailed(ConnectFailure)

    /// The handshake was not over in time.
    case handshakeTimeout

    /// The handshake had not got far, and its place was needed for others.
    case crowdedOut

    /// TLS failed, in the handshake or later.
    ///
    /// With TLS 1.3 a client hears that its certificate was refused only after its own handshake,
    /// and perhaps after its first request: that too is told by this case.
    case handshakeFailed(TLSFailure)

    /// Nothing had happened for too long.
    case idle

    /// The peer did not answer a keepalive ping.
    case keepaliveTimeout

    /// The peer broke the application's protocol.
    case protocolError(String)

    /// This process is about to end.
    case shutdown

    /// Whether it makes sense to say goodbye: the peer is probably there, and listens.
    package var allowsFarewell: Bool {
        switch self {
        case .finished, .idle, .protocolError, .shutdown: true
        case .handshakeFailed(let failure): !failure.isFromPeer
        case .peerClosed, .reset, .connectFailed, .handshakeTimeout, .crowdedOut,
            .keepaliveTimeout:
            false
        }
    }
}

extension ConnectionCloseReason: CustomStringConvertible {
    /// A sentence for people.
    package var description: String {
        switch self {
        case .finished: "The connection was closed in good order."
        case .peerClosed: "The other end closed the connection."
        case .reset(let errno): "The connection broke: \(errno)."
        case .connectFailed(let failure): failure.description
        case .handshakeTimeout: "The TLS handshake was not over in time."
        case .crowdedOut: "It was silent while others were waiting for a handshake."
        case .handshakeFailed(let failure): failure.description
        case .idle: "The connection was idle for too long."
        case .keepaliveTimeout: "The other end no longer answers."
        case .protocolError(let what): "The other end broke the protocol: \(what)."
        case .shutdown: "The connection was closed because this process is ending."
        }
    }
}
