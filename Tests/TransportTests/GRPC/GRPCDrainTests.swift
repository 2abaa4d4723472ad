import Reactor
import TestSupport
import Testing

@testable import Transport

/// A graceful end loses no request: neither one that runs nor one that is on its way.
@Suite(.timeLimit(.minutes(10)))
struct GRPCDrainTests {
    private static let anyStream: UInt32 = 0x7FFF_FFFF

    @Test func `first a notice, then the real end, then nothing`() throws {
        var calls: [GRPCServerCall] = []
        let pair = try RawClientPair { call in
            calls.append(call)
            return RecordingHandler(call)
        }
        try pair.open(1, endsStream: true)
        pair.server.startGracefulShutdown()
        pair.server.startGracefulShutdown()
        try pair.pair.settle()
        #expect(pair.client.frames(.goAway).map { $0.number() } == [Self.anyStream])
        let ping = try #require(pair.client.frames(.ping).first)
        // A request that crossed the notice is served.
        try pair.open(3, endsStream: true)
        #expect(calls.count == 2)
        try pair.exchange(RawFrame(.ping, flags: RawFrame.acknowledgement, ping.payload))
        #expect(pair.client.frames(.goAway).map { $0.number() } == [Self.anyStream, 3])
        // One that comes later is not, and the client knows that from the number.
        try pair.open(5, endsStream: true)
        #expect(calls.count == 2)
        #expect(pair.pair.server.closeReason == nil)
        for call in calls { call.finish(.ok) }
        try pair.pair.settle()
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "0")
        #expect(pair.client.trailers(of: 3)?["grpc-status"] == "0")
        #expect(pair.pair.server.closeReason == .finished)
    }

    @Test func `a client that does not answer the ping is waited for only so long`() throws {
        var limits = TransportLimits()
        limits.grpc.drainNotice = .milliseconds(10)
        let pair = try RawClientPair(limits: limits)
        pair.server.startGracefulShutdown()
        try pair.pair.run { pair.pair.server.isClosed }
        #expect(pair.client.frames(.goAway).count == 2)
        #expect(pair.pair.server.closeReason == .finished)
    }

    @Test(arguments: PieceSizes.all)
    func `our client ends its calls and takes no new ones`(pieces: PieceSizes) throws {
        var call: GRPCServerCall?
        let pair = try GRPCPair(pieces: pieces) { new in
            call = new
            return RecordingHandler(new)
        }
        let first = RecordingReceiver()
        _ = pair.call(receiver: first)
        try pair.pair.settle()
        pair.server.startGracefulShutdown()
        try pair.pair.settle()
        let second = RecordingReceiver()
        _ = pair.call(receiver: second)
        #expect(second.status == nil)
        try pair.pair.settle()
        #expect(second.status?.code == .unavailable)
        call?.finish(.ok)
        try pair.pair.settle()
        #expect(first.status == .ok)
        #expect(pair.pair.client.closeReason == .finished)
        #expect(pair.pair.server.closeReason == .finished)
    }

    @Test func `a client may end gracefully too`() throws {
        var call: GRPCServerCall?
        let pair = try GRPCPair { new in
            call = new
            return RecordingHandler(new)
        }
        let receiver = RecordingReceiver()
        _ = pair.call(receiver: receiver)
        try pair.pair.settle()
        pair.client.startGracefulShutdown()
        try pair.pair.settle()
        #expect(pair.pair.client.closeReason == nil)
        call?.finish(.ok)
        try pair.pair.settle()
        #expect(receiver.status == .ok)
        #expect(pair.pair.client.closeReason == .finished)
    }

    @Test func `a client without calls ends at once`() throws {
        let pair = try GRPCPair { _ in nil }
        pair.client.startGracefulShutdown()
        try pair.pair.settle()
        #expect(pair.pair.client.closeReason == .finished)
        #expect(pair.client.closeReason == .finished)
    }
}
