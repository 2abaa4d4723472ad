import Reactor
import Simulator
import TestSupport
import Testing

@testable import Transport

/// What our client makes of servers, proxies and breakdowns, frame by frame.
@Suite(.timeLimit(.minutes(10)))
struct GRPCClientTests {
    @Test(arguments: PieceSizes.all)
    func `a request looks as gRPC wants it`(pieces: PieceSizes) throws {
        let pair = try RawServerPair(pieces: pieces)
        _ = try pair.call(RecordingReceiver())
        #expect(
            pair.server.headers(of: 1) == [
                [
                    ":method": "POST", ":scheme": "https", ":path": "/test.Service/Method",
                    ":authority": "localhost:9090", "te": "trailers",
                    "content-type": "application/grpc", "user-agent": "test/1",
                ]
            ])
        #expect(pair.server.body(of: 1) == [0, 0, 0, 0, 1, 1])
        #expect(pair.server.frames(of: 1).last?.endsStream == true)
    }

    @Test func `the client announces large frames and windows, and no push`() throws {
        let pair = try RawServerPair()
        let settings = try #require(pair.server.frames(.settings).first).payload
        let entries = stride(from: 0, to: settings.count, by: 6).map { start in
            settings[start..<start + 6].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        let values = Dictionary(uniqueKeysWithValues: entries.map { ($0 >> 32, $0 & 0xFFFF_FFFF) })
        #expect(values[2] == 0)
        #expect(values[4] == 4 << 20)
        #expect(values[5] == 256 << 10)
        let update = try #require(pair.server.frames(.windowUpdate).first)
        #expect(update.number() == 8 << 20 - 65_535)
    }

    @Test func `ready is when the server has spoken`() throws {
        let reactor = SimulatedMachine(seed: 1).makeReactor()
        let client = GRPCClientConnection(
            origin: GRPCOrigin(authority: "a", userAgent: "b"), reactor: reactor, limits: .client)
        var readyCount = 0
        client.onReady = { readyCount += 1 }
        let server = RawPeer(isServer: true)
        let pair = Pair(client: client, server: server, reactor: reactor)
        pair.server.isStopped = true
        try pair.connect()
        #expect(readyCount == 0)
        pair.server.isStopped = false
        try pair.settle()
        server.send(.settings())
        try pair.settle()
        #expect(readyCount == 1)
    }

    static let trailers = [("grpc-status", "0")]

    @Test(arguments: PieceSizes.all)
    func `an answer with metadata and trailers is told in order`(pieces: PieceSizes) throws {
        let pair = try RawServerPair(pieces: pieces)
        let receiver = RecordingReceiver()
        _ = try pair.call(receiver)
        try pair.exchange(
            .headers([(":status", "103"), ("link", "x")], stream: 1),
            .headers(RawServerPair.initial + [("x-head", "1")], stream: 1),
            .data([0, 0, 0, 0, 2, 7], stream: 1), .data([8, 0, 0, 0, 0], stream: 1),
            .data([0], stream: 1),
            .headers(Self.trailers + [("x-tail-bin", "AQI")], stream: 1, endsStream: true))
        #expect(receiver.headers?["x-head"] == "1")
        #expect(receiver.messages == [[7, 8], []])
        #expect(receiver.status == .ok)
        #expect(receiver.trailers?.binary("x-tail-bin") == [1, 2])
        #expect(pair.client.openCallCount == 0)
    }

    @Test(arguments: [
        (
            "no trailers",
            [
                RawFrame.headers(RawServerPair.initial, stream: 1),
                .data([], stream: 1, endsStream: true),
            ], GRPCStatusCode.unknown
        ),
        (
            "a proxy",
            [
                .headers([(":status", "503")], stream: 1),
                .data([60], stream: 1, endsStream: true),
            ], .unavailable
        ),
        (
            "another type",
            [
                .headers(
                    [(":status", "200"), ("content-type", "text/html")], stream: 1)
            ], .unknown
        ),
        ("a reset", [.reset(HTTP2ErrorCode.refusedStream.rawValue, stream: 1)], .unavailable),
        (
            "a late reset",
            [
                .headers(RawServerPair.initial, stream: 1),
                .reset(HTTP2ErrorCode.enhanceYourCalm.rawValue, stream: 1),
            ], .resourceExhausted
        ),
        (
            "a message too large",
            [
                .headers(RawServerPair.initial, stream: 1),
                .data([0, 1, 0, 0, 0, 0], stream: 1),
            ], .resourceExhausted
        ),
        (
            "compression",
            [
                .headers(RawServerPair.initial, stream: 1),
                .data([1, 0, 0, 0, 0], stream: 1),
            ], .internal
        ),
        (
            "success within a message",
            [
                .headers(RawServerPair.initial, stream: 1),
                .data([0, 0, 0, 0, 9, 1], stream: 1),
                .headers(trailers, stream: 1, endsStream: true),
            ], .internal
        ),
    ])
    func `an answer may be wrong in many ways`(
        what: String, frames: [RawFrame], code: GRPCStatusCode
    ) throws {
        let pair = try RawServerPair()
        let receiver = RecordingReceiver()
        _ = try pair.call(receiver)
        pair.server.send(bytes: frames.flatMap(\.bytes))
        try pair.pair.settle()
        #expect(receiver.status?.code == code)
        #expect(pair.client.openCallCount == 0)
        #expect(pair.pair.client.closeReason == nil)
    }

    @Test func `a cancelled call is reset, and finishes later in the turn`() throws {
        let pair = try RawServerPair()
        let receiver = RecordingReceiver()
        let call = try pair.call(receiver)
        call.cancel()
        #expect(receiver.status == nil)
        try pair.pair.settle()
        #expect(receiver.status?.code == .cancelled)
        #expect(pair.server.frames(of: 1).last == .reset(8, stream: 1))
        call.cancel()
        try pair.exchange(.headers(RawServerPair.initial, stream: 1))
        #expect(receiver.headers == nil)
    }

    @Test func `a request that goes on after its answer is reset`() throws {
        let pair = try RawServerPair(settings: [(3, 1)])
        let receiver = RecordingReceiver()
        let call = pair.client.call("/a/b", receiver: receiver)
        call.send([1])
        try pair.pair.settle()
        try pair.exchange(
            .headers(RawServerPair.initial + Self.trailers, stream: 1, endsStream: true))
        #expect(receiver.status == .ok)
        #expect(pair.server.frames(of: 1).last == .reset(8, stream: 1))
        // Nor does it count as an open stream any more.
        _ = try pair.call(RecordingReceiver())
        #expect(!pair.server.frames(of: 3).isEmpty)
    }

    @Test func `a server that goes away refuses what it has not begun`() throws {
        let pair = try RawServerPair()
        let receivers = [RecordingReceiver(), RecordingReceiver()]
        for receiver in receivers { _ = try pair.call(receiver) }
        try pair.exchange(.goAway(last: 1))
        #expect(receivers[0].status == nil)
        #expect(receivers[1].status?.code == .unavailable)
        try pair.exchange(
            .headers(RawServerPair.initial + Self.trailers, stream: 1, endsStream: true))
        #expect(receivers[0].status == .ok)
        #expect(pair.pair.client.closeReason == .finished)
    }

    @Test func `calls over the server's limit wait their turn, and fail if it goes away`() throws {
        let pair = try RawServerPair(settings: [(3, 1)])
        let receivers = [RecordingReceiver(), RecordingReceiver(), RecordingReceiver()]
        for receiver in receivers { _ = try pair.call(receiver) }
        #expect(pair.server.frames(of: 3).isEmpty)
        try pair.exchange(
            .headers(RawServerPair.initial + Self.trailers, stream: 1, endsStream: true))
        #expect(receivers[0].status == .ok)
        #expect(!pair.server.frames(of: 3).isEmpty)
        try pair.exchange(.goAway(last: 3))
        #expect(receivers[1].status == nil)
        #expect(receivers[2].status?.code == .unavailable)
    }

    @Test func `a lost connection ends every call, and then says so itself`() throws {
        let pair = try RawServerPair()
        let receiver = RecordingReceiver()
        _ = try pair.call(receiver)
        var told: [ConnectionCloseReason] = []
        pair.client.onClosed = { reason in
            #expect(receiver.status?.code == .unavailable)
            told.append(reason)
        }
        pair.pair.server.close(.shutdown)
        try pair.pair.settle()
        #expect(told == [.peerClosed])
        #expect(receiver.status?.message == ConnectionCloseReason.peerClosed.description)
        #expect(pair.client.closeReason == .peerClosed)
    }

    @Test func `a receiver that falls behind stops the server, and lets it go on`() throws {
        var limits = TransportLimits.client
        limits.http2.streamWindowBytes = 65_535
        let pair = try RawServerPair(limits: limits)
        let receiver = RecordingReceiver()
        let call = try pair.call(receiver)
        let message = [0, 0, 0, 0x3F, 0xFB] + [UInt8](repeating: 1, count: 16_379)
        try pair.exchange(.headers(RawServerPair.initial, stream: 1))
        for _ in 0..<3 { try pair.exchange(.data(message, stream: 1)) }
        #expect(receiver.messages.count == 3)
        let updates = { pair.server.frames(.windowUpdate).filter { $0.stream == 1 }.count }
        #expect(updates() == 0)
        for _ in 0..<3 { call.consumed(16_379) }
        try pair.pair.settle()
        #expect(updates() > 0)
    }

    @Test func `a message larger than the window arrives`() throws {
        var limits = TransportLimits.client
        limits.http2.streamWindowBytes = 65_535
        let pair = try RawServerPair(limits: limits)
        let receiver = RecordingReceiver()
        _ = try pair.call(receiver)
        try pair.exchange(.headers(RawServerPair.initial, stream: 1))
        try pair.exchange(.data([0, 0, 3, 0x0D, 0x40], stream: 1))
        for _ in 0..<20 {
            try pair.exchange(.data([UInt8](repeating: 5, count: 10_000), stream: 1))
        }
        #expect(receiver.messages.map(\.count) == [200_000])
        #expect(pair.client.openCallCount == 1)
    }

    @Test func `metadata that is damaged is left out, and the rest is kept`() throws {
        let pair = try RawServerPair()
        let receiver = RecordingReceiver()
        _ = try pair.call(receiver)
        try pair.exchange(
            .headers(RawServerPair.initial + [("a-bin", "?"), ("b", "good")], stream: 1),
            .headers(
                [("grpc-status", "5"), ("grpc-status-details-bin", "?")], stream: 1,
                endsStream: true))
        #expect(receiver.headers?.pairs.map(\.name) == ["b"])
        #expect(receiver.status == GRPCStatus(.notFound))
    }
}
