import COpenSSL
import Reactor
import Testing

@testable import Transport

/// Peers that speak something else: an older TLS, another application protocol, no TLS at all.
struct TLSNegotiationTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    private let handshakeFailure = TLSAlert(rawValue: 40)

    private func client(_ credential: Credential? = nil) throws -> TLSContext {
        try authorities.clientContext(credential ?? authorities.client())
    }

    private func offer(_ protocols: [UInt8], by client: TLSContext) {
        SSL_CTX_set_alpn_protos(client.context, protocols, UInt32(protocols.count))
        // Such a client does not insist on HTTP/2 either.
        SSL_CTX_set_verify(client.context, SSL_VERIFY_PEER, nil)
    }

    /// Allows only one version on one end.
    private func limit(_ context: TLSContext, to version: Int32) {
        SSL_CTX_ctrl(context.context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
        SSL_CTX_ctrl(context.context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
    }

    // MARK: Application protocols

    @Test(arguments: [1, 1 << 20])
    func `a client of another protocol is told so`(chunkSize: Int) throws {
        let other = try client()
        offer([8] + Array("http/1.1".utf8), by: other)
        let pair = try TLSPair(server: authorities.serverContext(), client: other)
        pair.chunkSize = chunkSize
        pair.run()
        #expect(pair.server.failure == .applicationProtocolMismatch)
        #expect(pair.client.failure == .applicationProtocolMismatch)
        #expect(pair.server.received.isEmpty)
    }

    @Test func `the second choice of a client will do`() throws {
        let both = try client()
        offer([8] + Array("http/1.1".utf8) + [2] + Array("h2".utf8), by: both)
        let pair = try TLSPair(server: authorities.serverContext(), client: both)
        pair.run()
        #expect(pair.server.isEstablished)
        #expect(pair.client.isEstablished)
    }

    @Test(arguments: [true, false])
    func `a client that offers no protocol is told so at once`(isKnown: Bool) throws {
        let silent = try client((isKnown ? authorities : TestAuthorities()).client())
        offer([], by: silent)
        let pair = try TLSPair(server: authorities.serverContext(), client: silent)
        pair.run()
        #expect(pair.server.failure == .applicationProtocolMismatch)
        #expect(!pair.server.isEstablished)
        #expect(pair.client.failure == .applicationProtocolMismatch)
        // The server has shown nobody its certificate.
        #expect(pair.client.channel.peer == nil)
    }

    @Test func `a server that chooses no protocol is refused`() throws {
        let server = try authorities.serverContext()
        SSL_CTX_set_alpn_select_cb(server.context, nil, nil)
        SSL_CTX_set_verify(server.context, SSL_VERIFY_PEER, nil)
        let pair = TLSPair(server: server, client: try client())
        pair.run()
        #expect(pair.client.failure == .applicationProtocolMismatch)
        #expect(pair.server.failure == .refusedByPeer(handshakeFailure))
    }

    @Test(
        arguments: [
            [], [0], [3, 1], [2, 0x68], [200] + Array("h2".utf8), [1, 0x68, 2, 0x32],
        ] as [[UInt8]])
    func `a list of protocols that makes no sense selects none`(offered: [UInt8]) {
        var selected: UnsafePointer<UInt8>?
        var count: UInt8 = 0
        let result = offered.withUnsafeBufferPointer {
            selectApplicationProtocol(
                ssl: nil, selected: &selected, selectedCount: &count, offered: $0.baseAddress,
                offeredCount: UInt32($0.count), argument: nil)
        }
        #expect(result == SSL_TLSEXT_ERR_ALERT_FATAL)
        #expect(selected == nil)
    }

    // MARK: Versions

    @Test(arguments: [TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION])
    func `an older client is told so`(version: Int32) throws {
        let old = try client()
        limit(old, to: version)
        SSL_CTX_set_cipher_list(old.context, "DEFAULT:@SECLEVEL=0")
        let pair = try TLSPair(server: authorities.serverContext(), client: old)
        pair.run()
        #expect(pair.server.failure == .versionUnsupported)
        #expect(pair.client.failure == .versionUnsupported)
        #expect(pair.server.received.isEmpty)
    }

    @Test func `an older server is refused`() throws {
        let old = try authorities.serverContext()
        limit(old, to: TLS1_2_VERSION)
        let pair = TLSPair(server: old, client: try client())
        pair.run()
        #expect(pair.client.failure == .versionUnsupported)
        #expect(!pair.client.isEstablished)
    }

    // MARK: No TLS

    @Test(arguments: [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2p1\r\n", "\0\0\0\0\0\0\0\0\0\0\0\0", "hello\n",
    ])
    func `plaintext is not taken for TLS`(text: String) throws {
        let server = TLSEnd(
            TLSSession.server(try authorities.serverContext(), limits: TransportLimits()))
        _ = server.answer(to: Array(text.utf8))
        #expect(server.failure == .notTLS)
        #expect(server.received.isEmpty)
    }

    @Test func `a server without TLS is recognised`() throws {
        let client = TLSEnd(
            TLSSession.client(
                try client(), serverName: "localhost", limits: TransportLimits()))
        client.advance()
        // The SETTINGS frame with which an HTTP/2 server begins.
        _ = client.answer(to: [0, 0, 0, 4, 0, 0, 0, 0, 0])
        #expect(client.failure == .notTLS)
    }

    @Test(arguments: 0..<256)
    func `a record of any bytes harms nobody`(seed: Int) throws {
        let server = TLSEnd(
            TLSSession.server(try authorities.serverContext(), limits: TransportLimits()))
        var state = UInt64(seed)
        let body = (0..<2 * seed).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let header: [UInt8] = [22, 3, 1, UInt8(body.count >> 8), UInt8(body.count & 255)]
        _ = server.answer(to: header + body)
        #expect(!server.isEstablished)
        #expect(server.received.isEmpty)
    }
}
