import Reactor
import Simulator
import TestSupport
import Testing

@testable import Transport

/// A deadline holds on both sides, each by its own clock, whatever the other does.
@Suite(.timeLimit(.minutes(10)))
struct GRPCDeadlineTests {
    @Test func `the server answers when the time is over, and tells the handler`() throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1, replacing: [("grpc-timeout", "10m")], endsStream: true)
        #expect(handler?.call.deadline != nil)
        try pair.pair.run { handler?.cancellation != nil }
        #expect(handler?.cancellation == .deadlineExceeded)
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "4")
        #expect(pair.server.openCallCount == 0)
        // The handler may not have noticed yet.
        handler?.call.finish(.ok)
    }

    @Test func `no time at all is over at once`() throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1, replacing: [("grpc-timeout", "0n")])
        try pair.pair.run { handler?.cancellation != nil }
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "4")
    }

    @Test func `a closed window does not keep the verdict back`() throws {
        let pool = BufferPool(bufferCapacity: 100, keptAtMost: 1)
        var handler: RecordingHandler?
        // SETTINGS_INITIAL_WINDOW_SIZE: 10 bytes for each stream.
        let pair = try RawClientPair(settings: [(4, 10)]) { call in
            let payload = Buffer(capacity: 100)
            payload.append(Array(repeating: 1, count: 100))
            call.send(
                GRPCMessage(head: [], payload: SharedBytes(payload, returningTo: pool)))
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1, replacing: [("grpc-timeout", "10m")])
        #expect(pair.client.body(of: 1).count == 10)
        #expect(pool.keptCount == 0)
        try pair.pair.run { handler?.cancellation != nil }
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "4")
        #expect(pool.keptCount == 1)
        #expect(pair.client.body(of: 1).count == 10)
        #expect(pair.server.openCallCount == 0)
        #expect(pair.client.closeReason == nil)
    }

    @Test func `an answer in time stops the clock`() throws {
        let pair = try RawClientPair { call in SingleRequestCall(call) { $0.answer($1) } }
        try pair.open(1, replacing: [("grpc-timeout", "10m")])
        try pair.exchange(.data([0, 0, 0, 0, 0], stream: 1, endsStream: true))
        let before = pair.client.frames
        try pair.pair.run(for: .milliseconds(20))
        #expect(pair.client.frames == before)
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "0")
    }

    @Test func `the client gives up by its own clock`() throws {
        let reactor = SimulatedMachine(seed: 1).makeReactor()
        let server = RawPeer(isServer: true)
        let client = GRPCClientConnection(
            origin: GRPCOrigin(authority: "a", userAgent: "b"), reactor: reactor, limits: .client)
        let pair = Pair(client: client, server: server, reactor: reactor)
        try pair.connect()
        let receiver = RecordingReceiver()
        let call = client.call("/a/b", timeout: .milliseconds(10), receiver: receiver)
        try pair.run { receiver.status != nil }
        #expect(receiver.status?.code == .deadlineExceeded)
        #expect(server.headers(of: 1).first?["grpc-timeout"] == "10000u")
        #expect(server.frames(of: 1).last == .reset(HTTP2ErrorCode.cancel.rawValue, stream: 1))
        call.send([1])
        try pair.settle()
        #expect(client.openCallCount == 0)
    }

    @Test func `the client's clock runs before there is a connection`() throws {
        let reactor = SimulatedMachine(seed: 1).makeReactor()
        let client = GRPCClientConnection(
            origin: GRPCOrigin(authority: "a", userAgent: "b"), reactor: reactor, limits: .client)
        let receiver = RecordingReceiver()
        _ = client.call("/a/b", timeout: .milliseconds(5), receiver: receiver)
        while receiver.status == nil { try reactor.turn() }
        #expect(receiver.status?.code == .deadlineExceeded)
        // The request was never made, so the server never hears of it.
        let server = RawPeer(isServer: true)
        try Pair(client: client, server: server, reactor: reactor).connect()
        #expect(server.frames(.headers).isEmpty)
    }
}
