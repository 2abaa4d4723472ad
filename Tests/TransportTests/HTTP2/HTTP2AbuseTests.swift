import Reactor
import Simulator
import TestSupport
import Testing

@testable import Transport

/// What a client may not do to a server, each kind of abuse by its own limit.
@Suite(.timeLimit(.minutes(10)))
struct HTTP2AbuseTests {
    private static func goAwayCode(_ pair: RawClientPair) -> HTTP2ErrorCode? {
        pair.client.frames(.goAway).first.map { HTTP2ErrorCode(rawValue: $0.number(at: 4)) }
    }

    @Test(arguments: PieceSizes.all)
    func `what does not begin as HTTP/2 is no client`(pieces: PieceSizes) throws {
        let router = ClosureRouter { _ in nil }
        let server = GRPCServerConnection(router: router, limits: TransportLimits())
        let client = TalkingPeer(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        let pair = Pair(
            client: client, server: server, reactor: SimulatedMachine(seed: 1).makeReactor(),
            pieces: pieces)
        try pair.connect()
        guard case .protocolError = pair.server.closeReason else {
            Issue.record("\(String(describing: pair.server.closeReason))")
            return
        }
    }

    @Test func `a header block may not go on for ever`() throws {
        let pair = try RawClientPair()
        var frames = [RawFrame(.headers, stream: 1, [0, 1, 97, 1, 98])]
        for _ in 0..<20 { frames.append(RawFrame(.continuation, stream: 1, [0, 1, 97, 1, 98])) }
        pair.client.send(bytes: frames.flatMap(\.bytes))
        try pair.pair.settle()
        #expect(Self.goAwayCode(pair) == .enhanceYourCalm)
        #expect(pair.pair.server.isClosed)
        #expect(pair.server.openCallCount == 0)
    }

    @Test func `a header block far over the limit is not read to its end`() throws {
        var limits = TransportLimits()
        limits.http2.headerListBytes = 1 << 10
        let pair = try RawClientPair(limits: limits)
        try pair.open(1, replacing: [("x-bomb", String(repeating: "x", count: 5_000))])
        #expect(pair.client.frames(of: 1) == [.reset(2, stream: 1)])
        try pair.open(3)
        #expect(pair.server.openCallCount == 1)
    }

    @Test func `streams may not be opened and reset for ever`() throws {
        var limits = TransportLimits()
        limits.http2.resets = 20
        let pair = try RawClientPair(limits: limits)
        try Self.provoke(resets: 20, on: pair) { .reset(8, stream: $0) }
        #expect(!pair.pair.server.isClosed)
        // Those of another time are not held against it.
        try pair.pair.run(for: limits.http2.resetInterval)
        try Self.provoke(resets: 20, on: pair, from: 41) { .reset(8, stream: $0) }
        #expect(!pair.pair.server.isClosed)
        try Self.provoke(resets: 1, on: pair, from: 81) { .reset(8, stream: $0) }
        #expect(Self.goAwayCode(pair) == .enhanceYourCalm)
        #expect(pair.pair.server.isClosed)
        #expect(pair.server.openCallCount == 0)
    }

    /// CVE-2025-8671: the client breaks the rules of a stream, and lets us reset it.
    @Test(arguments: [
        RawFrame.windowUpdate(.max >> 1, stream: 0),
        .headers([("X-UPPER", "1")], stream: 0, endsStream: true),
    ])
    func `who makes us reset streams has not less of them`(breach: RawFrame) throws {
        var limits = TransportLimits()
        limits.http2.resets = 20
        let pair = try RawClientPair(limits: limits)
        try Self.provoke(resets: 20, on: pair) { stream in
            var frame = breach
            frame.stream = stream
            return frame
        }
        #expect(pair.client.frames(.reset).count == 20)
        #expect(!pair.pair.server.isClosed)
        try Self.provoke(resets: 1, on: pair, from: 41) { .reset(8, stream: $0) }
        #expect(Self.goAwayCode(pair) == .enhanceYourCalm)
        #expect(pair.server.openCallCount == 0)
    }

    private static func provoke(
        resets: UInt32, on pair: RawClientPair, from first: UInt32 = 1,
        by frame: (UInt32) -> RawFrame
    ) throws {
        for number in 0..<resets {
            try pair.open(first + 2 * number)
            try pair.exchange(frame(first + 2 * number))
        }
    }

    @Test(arguments: [
        ("settings", RawFrame.settings([(4, 1)])),
        ("windows of the connection", .windowUpdate(1, stream: 0)),
        ("windows of a stream", .windowUpdate(1, stream: 1)),
        ("priorities", RawFrame(.priority, stream: 1, [0, 0, 0, 0, 1])),
        ("data without bytes", .data([], stream: 1)),
        ("data of padding", RawFrame(.data, flags: 0x8, stream: 1, [3, 0, 0, 0])),
        ("answers that nobody asked for", .ping(1, isAnswer: true)),
    ])
    func `frames that bring nothing have an end`(what: String, frame: RawFrame) throws {
        var limits = TransportLimits()
        limits.http2.idleFrames = 50
        let pair = try RawClientPair(limits: limits)
        try pair.open(1)
        // Useful so far: our settings, and the request. Idle: the client's, and its answer to ours.
        let allowed = limits.http2.idleFrames + 2 * limits.http2.idleFramesPerUsefulOne - 2
        for _ in 0..<allowed { pair.client.send(frame) }
        try pair.pair.settle()
        #expect(!pair.pair.server.isClosed)
        try pair.exchange(frame)
        #expect(Self.goAwayCode(pair) == .enhanceYourCalm)
        #expect(pair.pair.server.isClosed)
        #expect(pair.server.openCallCount == 0)
    }

    @Test func `who works may chatter`() throws {
        var limits = TransportLimits()
        limits.http2.idleFrames = 20
        let pair = try RawClientPair(limits: limits)
        try pair.open(1)
        for _ in 0..<100 {
            try pair.exchange(.data([0, 0, 0, 0, 0], stream: 1))
            for _ in 0..<9 { pair.client.send(.windowUpdate(1, stream: 0)) }
        }
        try pair.pair.settle()
        #expect(!pair.pair.server.isClosed)
    }

    @Test func `answers to one that does not read do not pile up`() throws {
        var limits = TransportLimits()
        limits.grpc.pingStrikes = .max
        limits.http2.outboundAcknowledgements = 50
        let pair = try RawClientPair(limits: limits)
        pair.pair.server.isStopped = true
        let pings = (0..<200).flatMap { RawFrame.ping(UInt8($0)).bytes }
        pair.client.send(bytes: pings)
        try pair.pair.settle()
        pair.pair.server.isStopped = false
        try pair.pair.settle()
        guard case .protocolError = pair.pair.server.closeReason else {
            Issue.record("\(String(describing: pair.pair.server.closeReason))")
            return
        }
    }

    @Test func `settings without end are refused`() throws {
        let pair = try RawClientPair()
        try pair.exchange(.settings(Array(repeating: (4, 1), count: 100)))
        #expect(Self.goAwayCode(pair) == .enhanceYourCalm)
        #expect(pair.pair.server.isClosed)
    }

    @Test(arguments: [
        ("a frame too large", RawFrame(.data, stream: 1, Array(repeating: 0, count: 20_000))),
        ("data on no stream", .data([1], stream: 0)),
        ("data on a stream never opened", .data([1], stream: 7)),
        ("a stream number that is even", .headers(RawClientPair.headers, stream: 2)),
        ("a window update of nothing", .windowUpdate(0, stream: 0)),
        ("a promise by a client", RawFrame(.pushPromise, stream: 1, [0, 0, 0, 2])),
    ])
    func `a breach of the protocol is told, and ends the connection`(
        what: String, frame: RawFrame
    ) throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1)
        try pair.exchange(frame)
        let code = try #require(Self.goAwayCode(pair))
        #expect(code != .noError)
        #expect(pair.pair.server.closeReason == .protocolError("HTTP/2 \(code)"))
        #expect(handler?.cancellation != nil)
        #expect(handler?.isReleased == true)
    }
}

/// Says one thing, whatever it is, and hears nothing.
private final class TalkingPeer: ApplicationProtocol {
    private var toSend: [UInt8]

    init(_ bytes: [UInt8]) { toSend = bytes }

    func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?
    ) {
        connection.requestFlush()
    }

    func receive(_ bytes: UnsafeRawBufferPointer) {}

    func produce(into buffer: Buffer) {
        buffer.append(toSend)
        toSend = []
    }

    var isFinished: Bool { false }

    func connectionClosed(_ reason: ConnectionCloseReason) {}
}
