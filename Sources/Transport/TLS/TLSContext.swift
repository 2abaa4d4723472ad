import COpenSSL
package import Reactor

/// What all TLS sessions of one role have in common: certificate, key, trust and policy.
@safe
package final class TLSContext {
    /// Which end of the connection.
    enum Role {
        case server
        case client
    }

    /// Ours, in the order in which the server prefers them.
    ///
    /// Some policies demand the longer key, and it costs only a tenth more.
    static let cipherSuites = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"

    // 112 bits: keys of RSA 2048 or better, and no SHA-1. SSL_CTX_set_security_level(3).
    private static let securityLevel: Int32 = 2

    /// The last moment at which our own certificate is valid; nil without a certificate.
    package let certificateNotAfter: Timestamp?

    /// Valid as long as this object lives; each session holds a reference of its own.
    let context: OpaquePointer
    let role: Role

    /// Sets up one role.
    ///
    /// - Parameters:
    ///   - role: which end.
    ///   - credential: who we are; a client may do without and will be refused.
    ///   - intermediates: certificates that lead from ours to a CA that the peer knows.
    ///   - authorities: the CAs whose certificates we accept.
    ///   - cipherSuites: by RFC 8446's names, the preferred one first.
    /// - Throws: what OpenSSL does not accept.
    init(
        role: Role, credential: Credential?, intermediates: [Certificate] = [],
        authorities: [Certificate], cipherSuites: String = TLSContext.cipherSuites
    ) throws(TLSConfigurationError) {
        ERR_clear_error()
        let method = unsafe role == .server ? TLS_server_method() : TLS_client_method()
        guard let context = unsafe SSL_CTX_new(method) else {
            throw .unusable(OpenSSLError.takeWords())
        }
        unsafe self.context = context
        self.role = role
        certificateNotAfter = credential?.certificate.notAfter
        try setProtocol(cipherSuites: cipherSuites)
        setMemoryAndSessions()
        try setApplicationProtocol()
        try trust(authorities)
        if let credential {
            try present(credential, intermediates)
        }
    }

    deinit {
        unsafe SSL_CTX_free(context)
    }

    /// TLS 1.3 and nothing older; where both ends know several suites, the server decides.
    private func setProtocol(cipherSuites: String) throws(TLSConfigurationError) {
        // The system's openssl.cnf may have set anything: every rule is ours and explicit.
        try check(unsafe copenssl_ctx_set_min_proto_version(context, TLS1_3_VERSION) == 1)
        try check(unsafe copenssl_ctx_set_max_proto_version(context, TLS1_3_VERSION) == 1)
        unsafe SSL_CTX_set_security_level(context, Self.securityLevel)
        try check(unsafe SSL_CTX_set_ciphersuites(context, cipherSuites) == 1)
        unsafe SSL_CTX_set_options(context, copenssl_policy_options())
    }

    /// No session outlives its connection: resuming one would skip the certificate, and early data
    /// can be replayed.
    private func setMemoryAndSessions() {
        unsafe copenssl_ctx_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        unsafe SSL_CTX_set_num_tickets(context, 0)
        unsafe SSL_CTX_set_max_early_data(context, 0)
        unsafe SSL_CTX_set_recv_max_early_data(context, 0)
        // An idle session then holds no record buffers, 34 KiB.
        unsafe copenssl_ctx_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
    }

    private func setApplicationProtocol() throws(TLSConfigurationError) {
        switch role {
        case .server:
            unsafe SSL_CTX_set_client_hello_cb(context, requireApplicationProtocol, nil)
            unsafe SSL_CTX_set_alpn_select_cb(context, selectApplicationProtocol, nil)
        case .client:
            // This function, unlike its neighbours, returns 0 for success.
            try check(
                unsafe SSL_CTX_set_alpn_protos(
                    context, applicationProtocols, UInt32(applicationProtocols.count)) == 0)
        }
    }

    /// The peer must show a certificate that one of the CAs has issued.
    private func trust(_ authorities: [Certificate]) throws(TLSConfigurationError) {
        unsafe SSL_CTX_set_verify(
            context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
            role == .client ? reviewVerification : nil)
        let store = unsafe SSL_CTX_get_cert_store(context)
        for authority in authorities {
            try check(unsafe X509_STORE_add_cert(store, authority.x509) == 1)
            if role == .server {
                // Told to clients, of which some choose their certificate by it.
                try check(unsafe SSL_CTX_add_client_CA(context, authority.x509) == 1)
            }
        }
    }

    private func present(
        _ credential: Credential, _ intermediates: [Certificate]
    ) throws(TLSConfigurationError) {
        try check(unsafe SSL_CTX_use_certificate(context, credential.certificate.x509) == 1)
        try check(unsafe SSL_CTX_use_PrivateKey(context, credential.key.key) == 1)
        for intermediate in intermediates {
            try check(unsafe copenssl_ctx_add1_chain_cert(context, intermediate.x509) == 1)
        }
    }
}

/// Turns a failure of OpenSSL's into an error with its words.
private func check(_ succeeded: Bool) throws(TLSConfigurationError) {
    guard succeeded else { throw .unusable(OpenSSLError.takeWords()) }
}
