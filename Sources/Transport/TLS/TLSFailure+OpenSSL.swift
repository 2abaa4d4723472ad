import COpenSSL

extension TLSFailure {
    /// Finds out what went wrong from what OpenSSL has left behind.
    ///
    /// - Parameters:
    ///   - errors: the error queue, the oldest first, which is the cause of the others.
    ///   - verifyResult: what became of the peer's certificate.
    ///   - serverName: whom a client meant to talk to.
    ///   - isEstablished: whether the handshake was over.
    init(
        _ errors: [OpenSSLError], verifyResult: Int32, serverName: String?, isEstablished: Bool
    ) {
        guard let cause = errors.first(where: { $0.library == ERR_LIB_SSL }) else {
            self = .protocolViolation(errors.first?.words ?? "no reason given")
            return
        }
        if let alert = TLSAlert(receivedAs: cause.reason) {
            self.init(received: alert)
            return
        }
        switch cause.reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            self.init(verifyResult: verifyResult, serverName: serverName)
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            self = .peerCertificateInvalid(.missing)
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE:
            self = .versionUnsupported
        case SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_CALLBACK_FAILED:
            // The callback that failed is `requireApplicationProtocol`: there is no other.
            self = .applicationProtocolMismatch
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
            SSL_R_UNKNOWN_PROTOCOL, SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_BAD_RECORD_TYPE:
            self = isEstablished ? .protocolViolation(cause.words) : .notTLS
        default:
            self = .protocolViolation(cause.words)
        }
    }

    private init(received alert: TLSAlert) {
        if alert.refusesCertificate {
            self = .certificateRefusedByPeer(alert)
        } else if alert == .protocolVersion {
            self = .versionUnsupported
        } else if alert == .noApplicationProtocol {
            self = .applicationProtocolMismatch
        } else {
            self = .refusedByPeer(alert)
        }
    }

    private init(verifyResult: Int32, serverName: String?) {
        let problem: PeerCertificateProblem
        switch verifyResult {
        case X509_V_ERR_APPLICATION_VERIFICATION:
            self = .applicationProtocolMismatch
            return
        case X509_V_ERR_CERT_HAS_EXPIRED:
            problem = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID:
            problem = .notYetValid
        case X509_V_ERR_INVALID_PURPOSE:
            problem = .wrongUsage
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            problem = .hostNameMismatch(expected: serverName ?? "")
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE,
            X509_V_ERR_CERT_UNTRUSTED:
            problem = .unknownAuthority
        default:
            let words = unsafe X509_verify_cert_error_string(Int(verifyResult))
            problem = unsafe .other(words.map { unsafe String(cString: $0) } ?? "")
        }
        self = .peerCertificateInvalid(problem)
    }
}

extension TLSAlert {
    /// OpenSSL reports a fatal alert of the peer's as the reason 1000 + its number.
    init?(receivedAs reason: Int32) {
        guard let number = UInt8(exactly: reason - SSL_AD_REASON_OFFSET) else { return nil }
        self.init(rawValue: number)
    }
}
