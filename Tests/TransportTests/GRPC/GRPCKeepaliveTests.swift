import Reactor
import TestSupport
import Testing

@testable import Transport

/// A dead peer is noticed, a quiet one is left alone, and a noisy one is told to calm down.
@Suite(.timeLimit(.minutes(10)))
struct GRPCKeepaliveTests {
    @Test func `the server notices a dead client in 30 seconds, even one without calls`() throws {
        let pair = try RawClientPair()
        pair.pair.client.isStopped = true
        try pair.pair.run(within: .seconds(30)) { pair.pair.server.isClosed }
        #expect(pair.pair.server.closeReason == .keepaliveTimeout)
    }

    @Test func `handlers hear of it`() throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1)
        pair.pair.client.isStopped = true
        try pair.pair.run(within: .seconds(30)) { handler?.isReleased == true }
        #expect(handler?.cancellation == .connectionLost(.keepaliveTimeout))
    }

    @Test func `a quiet follow goes on for hours`() throws {
        var call: GRPCServerCall?
        let pair = try GRPCPair { new in
            call = new
            return RecordingHandler(new)
        }
        let receiver = RecordingReceiver()
        _ = pair.call(receiver: receiver)
        try pair.pair.run(for: .seconds(2 * 3600))
        #expect(receiver.status == nil)
        call?.finish(.ok)
        try pair.pair.settle()
        #expect(receiver.status == .ok)
    }

    @Test
    func `a client asks only while it waits for an answer, and waits no more than 30 seconds`()
        throws
    {
        let pair = try RawServerPair()
        try pair.pair.run(for: .seconds(3600))
        #expect(pair.server.frames(.ping).isEmpty)
        let receiver = RecordingReceiver()
        _ = try pair.call(receiver)
        try pair.pair.run(within: .seconds(30)) { receiver.status != nil }
        #expect(pair.server.frames(.ping).count == 1)
        #expect(receiver.status?.code == .unavailable)
        #expect(pair.client.closeReason == .keepaliveTimeout)
    }

    @Test func `a client gives up a server that says no word in 30 seconds`() throws {
        let pair = try RawServerPair(greets: false)
        try pair.pair.run(within: .seconds(30)) { pair.client.closeReason != nil }
        #expect(pair.client.closeReason == .keepaliveTimeout)
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
