import Reactor
import Testing
import Transport

/// Two sessions on one wire: what they agree on, and that the wire's grain does not matter.
struct TLSSessionTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    @Test(arguments: [1, 2, 3, 5, 7, 16, 100, 1_000, 16_384, 1 << 20])
    func `any chunk size carries handshake and data`(chunkSize: Int) throws {
        let pair = try authorities.goodPair()
        pair.chunkSize = chunkSize
        pair.run()
        #expect(pair.client.isEstablished)
        #expect(pair.server.isEstablished)
        let question = (0..<40_000).map { UInt8(truncatingIfNeeded: $0) }
        let answer = [UInt8](question.reversed())
        pair.exchange(fromClient: question, fromServer: answer)
        #expect(pair.server.received == question)
        #expect(pair.client.received == answer)
        #expect(pair.client.failure == nil)
        #expect(pair.server.failure == nil)
    }

    @Test func `both ends learn who the other is`() throws {
        let serverCredential = try authorities.server()
        let clientCredential = try authorities.client("tenant-a", role: "admin")
        let pair = try TLSPair(
            server: authorities.serverContext(serverCredential),
            client: authorities.clientContext(clientCredential))
        pair.run()
        let client = try #require(pair.server.channel.peer)
        #expect(client.commonNames == [Array("tenant-a".utf8)])
        #expect(client.organizations == [Array("admin".utf8)])
        #expect(client.serial == clientCredential.certificate.serial)
        #expect(client.notAfter == clientCredential.certificate.notAfter)
        #expect(client.der == clientCredential.certificate.der)
        #expect(
            client.issuerPublicKeySHA256 == authorities.clientCA.certificate.publicKeySHA256)
        let server = try #require(pair.client.channel.peer)
        #expect(server.der == serverCredential.certificate.der)
        #expect(
            server.issuerPublicKeySHA256 == authorities.serverCA.certificate.publicKeySHA256)
    }

    @Test(arguments: ["localhost", "127.0.0.1", "::1"])
    func `a server may be named or addressed`(serverName: String) throws {
        let pair = try TLSPair(
            server: authorities.serverContext(),
            client: authorities.clientContext(authorities.client()), serverName: serverName)
        pair.run()
        #expect(pair.client.isEstablished)
        #expect(pair.server.isEstablished)
    }

    @Test(arguments: [
        ("TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
        ("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"),
        ("TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    ])
    func `the server chooses the cipher suite`(offered: String, chosen: String) throws {
        let pair = try TLSPair(
            server: authorities.serverContext(),
            client: authorities.clientContext(authorities.client(), cipherSuites: offered))
        pair.run()
        let expected = SecurityInfo(protocolName: "TLSv1.3", cipherSuite: chosen)
        #expect(pair.server.channel.security == expected)
        #expect(pair.client.channel.security == expected)
    }

    @Test func `a suite that is not ours is refused`() throws {
        let pair = try TLSPair(
            server: authorities.serverContext(),
            client: authorities.clientContext(
                authorities.client(), cipherSuites: "TLS_CHACHA20_POLY1305_SHA256"))
        pair.run()
        #expect(pair.server.failure == .protocolViolation("no shared cipher"))
        #expect(pair.client.failure == .refusedByPeer(TLSAlert(rawValue: 40)))
    }

    @Test func `data fills records of sixteen kibibytes`() throws {
        let pair = try authorities.goodPair()
        pair.run()
        pair.server.say([UInt8](repeating: 7, count: 10 * 16_384))
        // RFC 8446, section 5.2: five bytes of header, one of type, sixteen of authentication.
        #expect(pair.server.unsentCount == 10 * (16_384 + 22))
    }

    @Test func `no ticket is sent that could skip the certificate`() throws {
        let pair = try authorities.goodPair()
        pair.client.advance()
        #expect(pair.server.take(from: pair.client, atMost: .max))
        #expect(pair.client.take(from: pair.server, atMost: .max))
        #expect(pair.server.take(from: pair.client, atMost: .max))
        #expect(pair.server.isEstablished)
        #expect(pair.server.unsentCount == 0, "a server's tickets follow its handshake")
    }

    @Test func `a goodbye is told from silence`() throws {
        let pair = try authorities.goodPair()
        pair.run()
        pair.client.say([1, 2, 3])
        pair.client.sayGoodbye()
        pair.run()
        #expect(pair.server.received == [1, 2, 3])
        #expect(pair.server.peerSaidGoodbye)
        #expect(!pair.client.peerSaidGoodbye)
        #expect(pair.server.failure == nil)
    }

    @Test func `a changed byte ends the session`() throws {
        let pair = try authorities.goodPair()
        pair.run()
        pair.client.say(Array("secret".utf8))
        var record = pair.client.takeOutput()
        record[record.count - 1] ^= 1
        _ = pair.server.answer(to: record)
        #expect(pair.server.failure == .protocolViolation("decryption failed or bad record mac"))
        #expect(pair.server.received.isEmpty)
    }

    @Test(arguments: [KeyKind.p256, .p384, .ed25519, .rsa(bits: 2048)])
    func `every kind of key can prove its holder`(kind: KeyKind) throws {
        let server = try authorities.serverCA.issueServer(
            hosts: ["localhost"], key: kind, days: 1, now: authorities.now)
        let client = try authorities.clientCA.issueClient(
            commonName: "tenant-a", key: kind, days: 1, now: authorities.now)
        let pair = try TLSPair(
            server: authorities.serverContext(server), client: authorities.clientContext(client))
        pair.run()
        #expect(pair.server.isEstablished)
        #expect(pair.client.isEstablished)
    }
}
