import Reactor
import TestSupport
import Testing

@testable import Transport

/// A dead peer is noticed, a quiet one is left alone, and a noisy one is told to calm down.
@Suite(.timeLimit(.minutes(1)))
struct GRPCKeepaliveTests {
    private static var quick: TransportLimits {
        var limits = TransportLimits()
        limits.grpc.keepaliveIdle = .milliseconds(10)
        limits.grpc.keepaliveTimeout = .milliseconds(10)
        return limits
    }

    @Test func `the server notices a dead client, even one without calls`() throws {
        let pair = try RawClientPair(limits: Self.quick)
        pair.pair.client.isStopped = true
        try pair.pair.run { pair.pair.server.isClosed }
        #expect(pair.pair.server.closeReason == .keepaliveTimeout)
    }

    @Test func `handlers hear of it`() throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair(limits: Self.quick) { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1)
        try pair.pair.run { handler?.isReleased == true }
        #expect(handler?.cancellation == .connectionLost(.keepaliveTimeout))
    }

    @Test func `a client that answers is left alone`() throws {
        let pair = try GRPCPair(serverLimits: Self.quick) { _ in nil }
        try pair.pair.run(for: .milliseconds(60))
        #expect(!pair.pair.server.isClosed)
    }

    @Test func `a client asks only while it waits for an answer`() throws {
        let reactor = try Reactor(choosing: .auto)
        let server = RawPeer(isServer: true)
        let client = GRPCClientConnection(
            origin: GRPCOrigin(authority: "a", userAgent: "b"), reactor: reactor,
            limits: Self.quick)
        let pair = Pair(client: client, server: server, reactor: reactor)
        try pair.connect()
        try pair.run(for: .milliseconds(40))
        #expect(server.frames(.ping).isEmpty)
        let receiver = RecordingReceiver()
        _ = client.call("/a/b", receiver: receiver)
        try pair.run { receiver.status != nil }
        #expect(server.frames(.ping).count == 1)
        #expect(receiver.status?.code == .unavailable)
        #expect(client.closeReason == .keepaliveTimeout)
    }

    @Test func `pings are answered with what they carry`() throws {
        let pair = try RawClientPair()
        try pair.exchange(.ping(7))
        #expect(pair.client.frames(.ping) == [.ping(7, isAnswer: true)])
    }

    @Test func `a client that pings without a reason is told to calm down`() throws {
        let pair = try RawClientPair()
        let limit = TransportLimits().grpc.pingStrikes
        for number in 0...limit { try pair.exchange(.ping(UInt8(number))) }
        #expect(pair.client.frames(.goAway).isEmpty)
        try pair.exchange(.ping(99))
        let goAway = try #require(pair.client.frames(.goAway).first)
        #expect(goAway.number(at: 4) == HTTP2ErrorCode.enhanceYourCalm.rawValue)
        #expect(String(decoding: goAway.payload[8...], as: UTF8.self) == "too_many_pings")
        #expect(pair.pair.server.isClosed)
    }

    @Test func `a client that receives something may measure as it likes`() throws {
        var call: GRPCServerCall?
        let pair = try RawClientPair { new in
            call = new
            return RecordingHandler(new)
        }
        try pair.open(1)
        for number: UInt8 in 0..<100 {
            call?.send(GRPCMessage([number]))
            try pair.exchange(.ping(number))
            try pair.exchange(.ping(number))
        }
        #expect(pair.client.frames(.ping).count == 200)
        #expect(pair.client.frames(.goAway).isEmpty)
    }
}
