import COpenSSL
package import Reactor

/// One end of one TLS connection, without I/O.
@safe
package final class TLSSession: SecureChannel {
    /// The peer's verified certificate, once the handshake is over.
    package private(set) var peer: PeerCertificate?

    /// What was negotiated, once the handshake is over.
    package private(set) var security: SecurityInfo?

    /// Freed in `deinit`, and with it the BIO that points to the wires.
    ///
    /// Nil at a server until the client has said something whole, and after a failed handshake.
    private var ssl: OpaquePointer?
    private var firstRecord = FirstRecord()
    private let context: TLSContext
    private let wires: TLSWires
    private let serverName: String?
    private let certificateChainBytes: Int
    private let bytesPerSendingKey: UInt64
    private var bytesWithThisKey: UInt64 = 0

    /// Prepares a session; a client gives the name of the server it means.
    private init(_ context: TLSContext, serverName: String?, limits: TransportLimits) {
        self.context = context
        self.serverName = serverName
        // Two numbers of them, and not all: there are as many sessions as connections.
        certificateChainBytes = limits.certificateChainBytes
        bytesPerSendingKey = limits.bytesPerSendingKey
        wires = TLSWires(keyUpdatesPerMinute: limits.keyUpdatesPerMinute)
    }

    deinit {
        unsafe SSL_free(ssl)
    }

    /// Begins the server's end of a connection.
    package static func server(_ context: TLSContext, limits: TransportLimits) -> TLSSession {
        precondition(context.role == .server, "a client's context")
        return TLSSession(context, serverName: nil, limits: limits)
    }

    /// Begins a client's end of a connection; the server must prove to be `serverName`, which is a
    /// DNS name or an IP address.
    package static func client(
        _ context: TLSContext, serverName: String, limits: TransportLimits
    ) -> TLSSession {
        precondition(context.role == .client, "a server's context")
        let session = TLSSession(context, serverName: serverName, limits: limits)
        session.begin()
        session.expect(serverName)
        return session
    }

    private func begin() {
        guard let ssl = unsafe SSL_new(context.context) else { preconditionFailure("no memory") }
        unsafe self.ssl = ssl
        let bio = unsafe WiresBIO.make(over: wires)
        unsafe SSL_set_bio(ssl, bio, bio)
        unsafe SSL_set_msg_callback(ssl, observeMessage)
        unsafe copenssl_set_msg_callback_arg(ssl, Unmanaged.passUnretained(wires).toOpaque())
        unsafe copenssl_set_max_cert_list(ssl, certificateChainBytes)
        switch context.role {
        case .server: unsafe SSL_set_accept_state(ssl)
        case .client: unsafe SSL_set_connect_state(ssl)
        }
    }

    /// Only the subject's alternative names count; an address is looked for among the addresses
    /// and is not sent as the wanted name (RFC 6066, section 3).
    private func expect(_ serverName: String) {
        let parameters = unsafe SSL_get0_param(ssl)
        unsafe SSL_set_hostflags(
            ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName) == 1 { return }
        ERR_clear_error()
        let isSet = unsafe SSL_set1_host(ssl, serverName) == 1
        precondition(isSet && !serverName.isEmpty, "a server without a name cannot be verified")
        unsafe copenssl_set_tlsext_host_name(ssl, serverName)
    }

    // MARK: SecureChannel

    /// Carries the handshake on as far as the input allows; true once it is over.
    package func handshake(
        reading input: Buffer, answering output: Buffer, now: Instant
    ) throws(TLSFailure) -> Bool {
        if unsafe ssl == nil {
            guard firstRecord.gather(input) else { return false }
            begin()
        }
        let result = call(input: input, output: output, now: now) {
            unsafe SSL_do_handshake(ssl)
        }
        guard result.isSuccess else {
            if result.error == SSL_ERROR_WANT_READ { return false }
            throw failure()
        }
        try finishHandshake()
        return true
    }

    /// Takes one record's worth of plaintext from the input.
    package func decrypt(
        _ input: Buffer, into plaintext: Buffer, answering output: Buffer, now: Instant
    ) throws(TLSFailure) -> DecryptResult {
        var count = 0
        let result = call(input: input, output: output, now: now) {
            unsafe plaintext.withWritableBytes {
                unsafe SSL_read_ex(ssl, $0.baseAddress, $0.count, &count)
            }
        }
        switch result.error {
        case SSL_ERROR_NONE:
            plaintext.commit(count)
            return .plaintext
        case SSL_ERROR_WANT_READ:
            return .needsInput
        case SSL_ERROR_ZERO_RETURN:
            return .peerSaidGoodbye
        default:
            throw failure()
        }
    }

    /// Takes all of the plaintext, in records of 16 KiB as long as there is enough for one.
    package func encrypt(
        _ plaintext: Buffer, into output: Buffer, now: Instant
    ) throws(TLSFailure) {
        let count = plaintext.readableCount
        guard count > 0 else { return }
        renewSendingKey(before: count)
        var written = 0
        let result = call(input: nil, output: output, now: now) {
            unsafe plaintext.withReadableBytes {
                unsafe SSL_write_ex(ssl, $0.baseAddress, $0.count, &written)
            }
        }
        guard result.isSuccess else { throw failure() }
        // Without SSL_MODE_ENABLE_PARTIAL_WRITE it is all or nothing.
        precondition(written == count, "OpenSSL took a part")
        plaintext.consume(count)
    }

    /// Frees the session, of which a handshake holds some 55 KiB, before the client has left.
    package func abandon() {
        unsafe SSL_free(ssl)
        unsafe ssl = nil
    }

    /// Appends a close_notify alert.
    package func appendGoodbye(to output: Buffer, now: Instant) {
        // Its failure changes nothing: the connection is being closed.
        _ = call(input: nil, output: output, now: now) { unsafe SSL_shutdown(ssl) }
    }

    // MARK: Calls into OpenSSL

    private struct CallResult {
        let error: Int32
        var isSuccess: Bool { error == SSL_ERROR_NONE }
    }

    /// Makes one call that may read or write; `SSL_get_error` must be asked right after it.
    private func call(
        input: Buffer?, output: Buffer, now: Instant, _ body: () -> Int32
    ) -> CallResult {
        wires.lending(input: input, output: output, now: now) {
            ERR_clear_error()
            return CallResult(error: unsafe SSL_get_error(ssl, body()))
        }
    }

    private func failure() -> TLSFailure {
        let errors = OpenSSLError.takeAll()
        let verifyResult = unsafe Int32(SSL_get_verify_result(ssl))
        return wires.failure
            ?? TLSFailure(
                errors, verifyResult: verifyResult, serverName: serverName,
                isEstablished: security != nil)
    }

    /// A key wears out; the peer follows the change without being asked (RFC 8446, section 4.6.3).
    private func renewSendingKey(before count: Int) {
        bytesWithThisKey += UInt64(count)
        guard bytesWithThisKey > bytesPerSendingKey else { return }
        // Refused while half a message of the peer's is waiting for its other half.
        if unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 {
            bytesWithThisKey = UInt64(count)
        }
    }

    /// OpenSSL has verified everything by now; what would be a hole in security is checked again.
    private func finishHandshake() throws(TLSFailure) {
        guard unsafe SSL_get_verify_result(ssl) == Int(X509_V_OK) else {
            throw .peerCertificateInvalid(.other("not verified"))
        }
        guard unsafe SSL_version(ssl) == TLS1_3_VERSION else { throw .versionUnsupported }
        guard unsafe negotiatedHTTP2(ssl) else { throw .applicationProtocolMismatch }
        guard let certificate = unsafe SSL_get1_peer_certificate(ssl) else {
            throw .peerCertificateInvalid(.missing)
        }
        peer = unsafe PeerCertificate(
            Certificate(owning: certificate), issuer: issuerOfPeer())
        let cipher = unsafe SSL_get_current_cipher(ssl)
        security = unsafe SecurityInfo(
            protocolName: String(cString: SSL_get_version(ssl)),
            cipherSuite: String(cString: SSL_CIPHER_get_name(cipher)))
    }

    /// The second certificate of the verified chain; a trusted certificate that stands alone is
    /// its own issuer.
    private func issuerOfPeer() -> Certificate {
        let chain = unsafe SSL_get0_verified_chain(ssl)
        let count = unsafe copenssl_sk_x509_num(chain)
        let issuer = unsafe copenssl_sk_x509_value(chain, count > 1 ? 1 : 0)
        guard let issuer = unsafe issuer else { preconditionFailure("verified without a chain") }
        return unsafe Certificate(sharing: issuer)
    }
}

extension PeerCertificate {
    /// Takes a verified certificate apart.
    init(_ certificate: Certificate, issuer: Certificate) {
        self.init(
            commonNames: certificate.commonNames, organizations: certificate.organizations,
            organizationalUnits: certificate.organizationalUnits, serial: certificate.serial,
            issuerPublicKeySHA256: issuer.publicKeySHA256, notAfter: certificate.notAfter,
            der: certificate.der)
    }
}
