import Reactor
import TestSupport
import Testing

@testable import Transport

/// What the server answers to requests that our own client would never make, frame by frame.
@Suite(.timeLimit(.minutes(10)))
struct GRPCServerMappingTests {
    @Test(arguments: [
        (":method", "GET", "405"), (":method", "PUT", "405"), ("content-type", nil, "415"),
        ("content-type", "text/plain", "415"), ("content-type", "application/grpc-web", "415"),
    ])
    func `what is not gRPC gets one header block`(
        name: String, value: String?, status: String
    ) throws {
        let pair = try RawClientPair { _ in
            Issue.record("routed")
            return nil
        }
        try pair.open(1, replacing: [(name, value)], endsStream: true)
        #expect(pair.client.trailers(of: 1) == [":status": status])
        #expect(pair.client.frames(of: 1).count == 1)
        #expect(pair.client.closeReason == nil)
    }

    @Test func `an unfinished request is asked to stop, after the answer`() throws {
        let pair = try RawClientPair()
        try pair.open(1, replacing: [("content-type", "text/plain")])
        let frames = pair.client.frames(of: 1)
        #expect(frames.map(\.kind) == [.headers, .reset])
        #expect(frames.last?.number() == 0)
    }

    /// To String, the sign for Kelvin is a K.
    @Test func `a head that only looks like the last one is not taken for it`() throws {
        let pair = try RawClientPair()
        try pair.open(1, replacing: [("x-unit", "K")])
        #expect(pair.server.openCallCount == 1)
        try pair.open(3, replacing: [("x-unit", "\u{212A}")])
        #expect(pair.server.openCallCount == 1)
        #expect(pair.client.trailers(of: 3)?["grpc-status"] == "13")
    }

    @Test func `te may be missing`() throws {
        let pair = try RawClientPair { call in SingleRequestCall(call) { $0.answer($1) } }
        try pair.open(1, replacing: [("te", nil)])
        try pair.exchange(.data([0, 0, 0, 0, 1, 7], stream: 1, endsStream: true))
        #expect(pair.client.body(of: 1) == [0, 0, 0, 0, 1, 7])
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "0")
    }

    @Test(arguments: PieceSizes.all)
    func `an answer has the headers of gRPC`(pieces: PieceSizes) throws {
        let pair = try RawClientPair(pieces: pieces) { call in
            SingleRequestCall(call) { $0.answer($1) }
        }
        try pair.open(1)
        try pair.exchange(.data([0, 0, 0, 0, 0], stream: 1, endsStream: true))
        let initial: [String: String] = [
            ":status": "200", "content-type": "application/grpc",
            "grpc-accept-encoding": "identity",
        ]
        #expect(pair.client.headers(of: 1) == [initial, ["grpc-status": "0"]])
    }

    @Test func `a refusal is one header block that ends the stream`() throws {
        let pair = try RawClientPair { _ in nil }
        try pair.open(1, endsStream: true)
        #expect(pair.client.frames(of: 1).map(\.kind) == [.headers])
        let trailers = pair.client.trailers(of: 1)
        #expect(trailers?[":status"] == "200")
        #expect(trailers?["content-type"] == "application/grpc")
        #expect(trailers?["grpc-status"] == "12")
        #expect(trailers?["grpc-message"] == "unknown method test.Service/Method")
    }

    @Test(arguments: [
        ("grpc-timeout", "never", "13"), ("x-data-bin", "!!", "13"), (":path", "/x", "12"),
        ("x-long", String(repeating: "a", count: 9_000), "8"),
    ])
    func `a bad header gets a status`(name: String, value: String, status: String) throws {
        var limits = TransportLimits()
        limits.http2.headerListBytes = 8 << 10
        let pair = try RawClientPair(limits: limits)
        try pair.open(1, replacing: [(name, value)], endsStream: true)
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == status)
        try pair.open(3, endsStream: true)
        #expect(pair.client.closeReason == nil)
    }

    static let hugeHeader: [UInt8] = [0, 0, 0x40, 0, 1]

    @Test(arguments: [
        ("too large, before a byte of it", hugeHeader, nil, "8"),
        ("compressed without a name", [1, 0, 0, 0, 1, 0], nil, "13"),
        ("compressed by name", [1, 0, 0, 0, 1, 0], "gzip", "12"),
        ("of a strange flag", [77, 0, 0, 0, 1, 0], nil, "13"),
    ])
    func `a bad message ends the call`(
        what: String, bytes: [UInt8], encoding: String?, status: String
    ) throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1, replacing: [("grpc-encoding", encoding)])
        try pair.exchange(.data(bytes, stream: 1))
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == status)
        guard case .refused(let refusal) = handler?.cancellation else {
            Issue.record("\(String(describing: handler?.cancellation))")
            return
        }
        #expect(String(refusal.code.rawValue) == status)
        #expect(handler?.messages.isEmpty == true)
        #expect(handler?.isReleased == true)
    }

    @Test func `the messages before a bad one are delivered`() throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1)
        try pair.exchange(.data([0, 0, 0, 0, 1, 5, 9], stream: 1))
        try pair.exchange(.data([0, 0, 0, 0], stream: 1))
        #expect(handler?.messages == [[5]])
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "13")
    }

    @Test func `a request that ends within a message is refused`() throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1)
        try pair.exchange(.data([0, 0, 0, 0, 9, 1], stream: 1, endsStream: true))
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "13")
        #expect(handler?.hasRequestEnded == false)
        #expect(pair.server.openCallCount == 0)
    }

    @Test func `a request may end with trailers, or with an empty frame`() throws {
        let pair = try RawClientPair { call in SingleRequestCall(call) { $0.answer($1) } }
        try pair.open(1)
        try pair.exchange(.data([0, 0, 0, 0, 0], stream: 1))
        try pair.exchange(.headers([("x-end", "1")], stream: 1, endsStream: true))
        try pair.open(3)
        try pair.exchange(.data([0, 0, 0, 0, 0], stream: 3))
        try pair.exchange(.data([], stream: 3, endsStream: true))
        for stream: UInt32 in [1, 3] {
            #expect(pair.client.trailers(of: stream)?["grpc-status"] == "0")
        }
    }

    @Test func `unfinished messages of a connection have a limit together`() throws {
        var limits = TransportLimits()
        limits.grpc.assemblingBytes = 25_000
        let pair = try RawClientPair(limits: limits)
        for stream: UInt32 in [1, 3, 5] {
            try pair.open(stream)
            let half = [0, 0, 1, 0, 0] + [UInt8](repeating: 1, count: 10_000)
            try pair.exchange(.data(half, stream: stream))
        }
        #expect(pair.client.trailers(of: 1) == nil)
        #expect(pair.client.trailers(of: 3) == nil)
        #expect(pair.client.trailers(of: 5)?["grpc-status"] == "8")
        // The bytes of one that is gone are not counted any more.
        try pair.exchange(.reset(8, stream: 1))
        try pair.open(7)
        try pair.exchange(.data([0, 0, 1, 0, 0] + Array(repeating: 1, count: 10_000), stream: 7))
        #expect(pair.client.trailers(of: 7) == nil)
        #expect(pair.server.openCallCount == 2)
    }

    @Test func `a message that waits for the end of its request counts, too`() throws {
        var limits = TransportLimits()
        limits.grpc.assemblingBytes = 25_000
        var requests: [[UInt8]] = []
        let pair = try RawClientPair(limits: limits) { call in
            SingleRequestCall(call) { requests.append($1) }
        }
        let message = [0, 0, 0, 0x27, 0x10] + [UInt8](repeating: 1, count: 10_000)
        for stream: UInt32 in [1, 3, 5] {
            try pair.open(stream)
            try pair.exchange(.data(message, stream: stream))
        }
        #expect(pair.client.trailers(of: 3) == nil)
        #expect(pair.client.trailers(of: 5)?["grpc-status"] == "8")
        for stream: UInt32 in [1, 3] {
            try pair.exchange(.data([], stream: stream, endsStream: true))
        }
        try pair.open(7)
        try pair.exchange(.data(message, stream: 7, endsStream: true))
        #expect(pair.client.trailers(of: 7) == nil && requests.count == 3)
    }

    @Test func `trailers of a request may be too large as well`() throws {
        var limits = TransportLimits()
        limits.http2.headerListBytes = 1 << 10
        var handler: RecordingHandler?
        let pair = try RawClientPair(limits: limits) { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1)
        let long = String(repeating: "a", count: 2_000)
        try pair.exchange(.headers([("x-long", long)], stream: 1, endsStream: true))
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "8")
        #expect(handler?.isReleased == true)
    }

    @Test func `one who asks much and reads nothing is stopped`() throws {
        var limits = TransportLimits()
        limits.grpc.unsentBytes = 100_000
        var handler: RecordingHandler?
        let pair = try RawClientPair(settings: [(4, 0)], limits: limits) { call in
            let new = RecordingHandler(call)
            new.onMessage = { _ in call.send(GRPCMessage([UInt8](repeating: 0, count: 20_000))) }
            handler = new
            return new
        }
        try pair.open(1)
        for _ in 0..<4 { try pair.exchange(.data([0, 0, 0, 0, 0], stream: 1)) }
        #expect(handler?.cancellation == nil)
        for _ in 0..<2 { try pair.exchange(.data([0, 0, 0, 0, 0], stream: 1)) }
        #expect(pair.client.trailers(of: 1)?["grpc-status"] == "8")
        #expect(handler?.isReleased == true)
    }

    @Test func `what is asked in one go is answered no further than the limit`() throws {
        var limits = TransportLimits()
        limits.grpc.unsentBytes = 100_000
        var answered = 0
        let pair = try RawClientPair(settings: [(4, 0)], limits: limits) { call in
            SingleRequestCall(call) { request, _ in
                answered += 1
                request.answer([UInt8](repeating: 0, count: 20_000))
            }
        }
        for stream in stride(from: UInt32(1), to: 41, by: 2) {
            pair.client.send(
                .headers(RawClientPair.headers, stream: stream),
                .data([0, 0, 0, 0, 0], stream: stream, endsStream: true))
        }
        try pair.pair.settle()
        #expect(answered == 5)
        #expect(pair.client.trailers(of: 39)?["grpc-status"] == "8")
        #expect(!pair.pair.server.isClosed)
    }

    @Test func `a reset is told to the handler`() throws {
        var handler: RecordingHandler?
        let pair = try RawClientPair { call in
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1)
        try pair.exchange(.reset(8, stream: 1))
        #expect(handler?.cancellation == .reset(.cancel))
        #expect(handler?.isReleased == true)
        #expect(pair.server.openCallCount == 0)
        // A handler that does not know yet does no harm.
        handler?.call.send(GRPCMessage([1]))
        handler?.call.finish(.ok)
        try pair.pair.settle()
        #expect(pair.client.frames(of: 1).isEmpty)
    }

    @Test func `streams over the limit are refused`() throws {
        var limits = TransportLimits()
        limits.http2.concurrentStreams = 2
        // A client that has acknowledged the limit and breaks it loses its connection instead.
        let pair = try RawClientPair(limits: limits, acknowledgesSettings: false)
        for stream: UInt32 in [1, 3, 5] { try pair.open(stream) }
        #expect(pair.server.openCallCount == 2)
        #expect(pair.client.frames(of: 5).map(\.kind) == [.reset])
        #expect(pair.client.frames(of: 5).last?.number() == HTTP2ErrorCode.refusedStream.rawValue)
    }
}
