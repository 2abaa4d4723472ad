import Reactor
import Testing

@testable import Transport

/// Refusals over real sockets: both ends learn the reason, however much the client has sent.
@Suite(.timeLimit(.minutes(10)))
struct ConnectionRefusalTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    @Test(arguments: [0, 1, 100, 100_000, 3_000_000])
    func `a refused client hears why, whatever it has sent`(byteCount: Int) throws {
        let loopback = try Loopback(authorities)
        let client = try loopback.connect(as: TestAuthorities().client())
        client.say([UInt8](repeating: 1, count: byteCount))
        try loopback.run {
            client.closeReason != nil && loopback.accepted.first?.closeReason != nil
        }
        let refused = TLSFailure.certificateRefusedByPeer(.unknownCA)
        #expect(client.closeReasons == [.handshakeFailed(refused)])
        let server = loopback.accepted[0]
        let invalid = TLSFailure.peerCertificateInvalid(.unknownAuthority)
        #expect(server.closeReasons == [.handshakeFailed(invalid)])
        #expect(server.establishedCount == 0)
        #expect(server.received.isEmpty)
        #expect(client.received.isEmpty)
    }

    @Test func `a client without a certificate hears that it needs one`() throws {
        let loopback = try Loopback(authorities)
        let client = loopback.connect(with: try authorities.clientContext(nil))
        try loopback.run { client.closeReason != nil }
        let refused = TLSFailure.certificateRefusedByPeer(.certificateRequired)
        #expect(client.closeReasons == [.handshakeFailed(refused)])
    }

    @Test func `a server that is somebody else is refused`() throws {
        let loopback = try Loopback(authorities)
        let client = loopback.connect(
            with: try authorities.clientContext(
                authorities.client(), trusting: authorities.clientCA))
        try loopback.run {
            client.closeReason != nil && loopback.accepted.first?.closeReason != nil
        }
        let invalid = TLSFailure.peerCertificateInvalid(.unknownAuthority)
        #expect(client.closeReasons == [.handshakeFailed(invalid)])
        let refused = TLSFailure.certificateRefusedByPeer(.unknownCA)
        #expect(loopback.accepted[0].closeReasons == [.handshakeFailed(refused)])
        #expect(client.establishedCount == 0)
    }

    @Test func `a client without TLS is refused`() throws {
        let loopback = try Loopback(authorities)
        let client = loopback.connect(with: nil)
        client.say(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
        try loopback.run {
            client.closeReason != nil && loopback.accepted.first?.closeReason != nil
        }
        #expect(client.closeReasons == [.peerClosed])
        #expect(loopback.accepted[0].closeReasons == [.handshakeFailed(.notTLS)])
        #expect(loopback.accepted[0].received.isEmpty)
    }

    @Test func `a refused client that goes on talking is not cut off in mid-word`() throws {
        let loopback = try Loopback(authorities)
        let peer = try StubbornPeer(of: loopback)
        try peer.send(Array("EHLO example.org\r\n".utf8))
        try loopback.run { loopback.accepted.count == 1 }
        try loopback.runSeveralTurns()
        // A server that had closed its socket would answer these with a reset.
        try peer.send([UInt8](repeating: 1, count: 50_000))
        try loopback.runSeveralTurns()
        try peer.send([UInt8](repeating: 1, count: 50_000))
        try peer.receive(untilCount: .max)
        let server = loopback.accepted[0]
        #expect(server.closeReason == nil, "it waits for the peer's end")
        peer.close()
        try loopback.run { server.closeReason != nil }
        #expect(server.closeReasons == [.handshakeFailed(.notTLS)])
    }

    @Test func `a silent client loses its slot`() throws {
        var limits = TransportLimits()
        limits.handshakeDeadline = .milliseconds(20)
        let loopback = try Loopback(authorities, limits: limits)
        let client = loopback.connect(with: nil)
        try loopback.run { client.closeReason != nil }
        #expect(client.closeReasons == [.peerClosed])
        #expect(loopback.accepted[0].closeReasons == [.handshakeTimeout])
        #expect(loopback.accepted[0].establishedCount == 0)
    }

    @Test func `a client that goes during its handshake is no mystery`() throws {
        let loopback = try Loopback(authorities)
        let client = loopback.connect(with: nil)
        try loopback.run { client.control != nil && loopback.accepted.count == 1 }
        client.control?.close(.keepaliveTimeout)
        try loopback.run { loopback.accepted[0].closeReason != nil }
        let reason = ConnectionCloseReason.handshakeFailed(.closedDuringHandshake)
        #expect(loopback.accepted[0].closeReasons == [reason])
    }

    @Test func `handshakes beyond the limit wait and are then served`() throws {
        var limits = TransportLimits()
        limits.handshakesAtOnce = 2
        limits.handshakeStepsPerTurn = 1
        limits.acceptsPerTurn = 3
        let loopback = try Loopback(authorities, limits: limits)
        loopback.onAccept = { $0.echoes = true }
        let clients = try (0..<20).map { _ in try loopback.connect() }
        for (index, client) in clients.enumerated() { client.say([UInt8(index)]) }
        try loopback.run { clients.allSatisfy { $0.received.count == 1 } }
        #expect(clients.map(\.received) == (0..<20).map { [UInt8($0)] })
        #expect(loopback.reports.isEmpty)
    }

    @Test func `silent clients give way to who has something to say`() throws {
        var limits = TransportLimits()
        limits.handshakesAtOnce = 2
        limits.firstWordPatience = .milliseconds(20)
        let loopback = try Loopback(
            authorities, limits: limits, clientLimits: TransportLimits())
        let silent = (0..<4).map { _ in loopback.connect(with: nil) }
        try loopback.run { loopback.accepted.count >= 2 }
        #expect(loopback.serverResources.gate.isFull)
        loopback.onAccept = { $0.echoes = true }
        let client = try loopback.connect()
        client.say([7])
        try loopback.run { client.received == [7] }
        #expect(silent.contains { $0.closeReason == .peerClosed })
        let reasons = loopback.accepted.compactMap(\.closeReason)
        #expect(reasons.allSatisfy { $0 == .crowdedOut })
    }

    @Test func `a client that was refused keeps nobody from a handshake`() throws {
        let loopback = try Loopback(authorities)
        let peer = try StubbornPeer(of: loopback)
        try peer.send(Array("EHLO example.org\r\n".utf8))
        try loopback.run { loopback.accepted.count == 1 }
        try loopback.runSeveralTurns()
        #expect(loopback.accepted[0].closeReason == nil, "it still hears why")
        #expect(loopback.serverResources.gate.count == 0)
    }
}
