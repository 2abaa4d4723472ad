/// Why TLS ended a connection.
///
/// The description is a sentence that `cmdctl` prints as it is.
package enum TLSFailure: Error, Hashable, Sendable {
    /// The peer has looked at our certificate and refused it; to try again is pointless.
    case certificateRefusedByPeer(TLSAlert)

    /// The peer sent another fatal alert.
    case refusedByPeer(TLSAlert)

    /// We refused the peer's certificate.
    case peerCertificateInvalid(PeerCertificateProblem)

    /// The two ends have no version of TLS in common: ours is 1.3 and nothing else.
    case versionUnsupported

    /// What arrived is not TLS.
    case notTLS

    /// The two ends do not agree on HTTP/2 (ALPN `h2`).
    case applicationProtocolMismatch

    /// The peer closed the connection in the middle of the handshake.
    case closedDuringHandshake

    /// The peer changed its keys too often.
    case tooManyKeyUpdates

    /// What TLS had to say did not fit into the send buffer: the peer asks and does not listen.
    case outputOverflow

    /// Anything else, in OpenSSL's words.
    case protocolViolation(String)
}

/// What is wrong with a certificate.
package enum PeerCertificateProblem: Hashable, Sendable {
    /// The peer sent none.
    case missing

    /// No trusted CA has issued it.
    case unknownAuthority

    /// It is no longer valid.
    case expired

    /// It is not valid yet.
    case notYetValid

    /// It is not meant for this role (extended key usage).
    case wrongUsage

    /// It belongs to another host than the one asked for.
    case hostNameMismatch(expected: String)

    /// Anything else, in OpenSSL's words.
    case other(String)
}

extension TLSFailure {
    /// Whether the peer ended it and hears no answer; otherwise we have, with an alert.
    var isFromPeer: Bool {
        switch self {
        case .certificateRefusedByPeer, .refusedByPeer, .closedDuringHandshake:
            true
        case .peerCertificateInvalid, .versionUnsupported, .notTLS, .applicationProtocolMismatch,
            .tooManyKeyUpdates, .outputOverflow, .protocolViolation:
            false
        }
    }
}

extension TLSFailure: CustomStringConvertible {
    /// A sentence: what happened, and what to do where something can be done.
    package var description: String {
        switch self {
        case .certificateRefusedByPeer(let alert):
            "The other end refused our certificate (TLS alert: \(alert.name)). It must be valid now, "
                + "meant for this role, and issued by a CA that the other end trusts."
        case .refusedByPeer(let alert):
            "The other end refused the TLS handshake (TLS alert: \(alert.name))."
        case .peerCertificateInvalid(let problem):
            "The certificate of the other end was refused: \(problem)."
        case .versionUnsupported:
            "The other end does not speak TLS 1.3, and nothing older is accepted."
        case .notTLS:
            "The other end does not speak TLS. Is this the right port?"
        case .applicationProtocolMismatch:
            "The other end does not speak HTTP/2 (ALPN h2). Is this the right port?"
        case .closedDuringHandshake:
            "The other end closed the connection during the TLS handshake."
        case .tooManyKeyUpdates:
            "The other end changed its TLS keys too often."
        case .outputOverflow:
            "The other end asks for answers and does not read them."
        case .protocolViolation(let words):
            "TLS failed: \(words)."
        }
    }
}

extension PeerCertificateProblem: CustomStringConvertible {
    /// Half a sentence, to follow a colon.
    package var description: String {
        switch self {
        case .missing: "there was none"
        case .unknownAuthority: "it was not issued by a trusted CA"
        case .expired: "it has expired"
        case .notYetValid: "it is not valid yet (are the clocks right?)"
        case .wrongUsage: "it is not meant for this role"
        case .hostNameMismatch(let expected): "it is not for the host \(expected)"
        case .other(let words): words
        }
    }
}
