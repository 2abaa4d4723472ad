import Reactor
import TestSupport
import Testing

@testable import Transport

/// Messages are pulled when there is room for them, woken when there are new ones, and payloads are
/// always let go.
@Suite(.timeLimit(.minutes(10)))
struct GRPCPullTests {
    /// Makes messages with payloads, and counts those that were let go.
    private final class Lender {
        private(set) var lentCount = 0
        private let pool = BufferPool(bufferCapacity: 20_000, keptAtMost: 10_000)
        var returnedCount: Int { pool.keptCount }

        func message(_ byteCount: Int) -> GRPCMessage {
            lentCount += 1
            let buffer = Buffer(capacity: pool.bufferCapacity)
            buffer.append([UInt8](repeating: UInt8(lentCount % 251), count: byteCount))
            return GRPCMessage(head: [1, 2], payload: SharedBytes(buffer, returningTo: pool))
        }
    }

    /// Has messages without end.
    private final class EndlessSource: MessageSource {
        let lender = Lender()
        func next() -> NextMessage { .message(lender.message(1000)) }
    }

    @Test(arguments: PieceSizes.all)
    func `lent payloads arrive behind their heads, and come back`(pieces: PieceSizes) throws {
        let lender = Lender()
        let source = ScriptedSource((0..<20).map { .message(lender.message($0 * 500 + 1)) })
        source.append(.end(.ok))
        let pair = try GRPCPair(pieces: pieces) { call in
            SingleRequestCall(call) { handler, _ in handler.call.stream(from: source) }
        }
        let receiver = RecordingReceiver()
        _ = pair.call(receiver: receiver)
        try pair.pair.settle()
        #expect(receiver.status == .ok)
        #expect(receiver.messages.count == 20)
        for (number, message) in receiver.messages.enumerated() {
            let byte = UInt8((number + 1) % 251)
            #expect(message == [1, 2] + [UInt8](repeating: byte, count: number * 500 + 1))
        }
        #expect(lender.returnedCount == 20)
    }

    @Test func `a reader that stops is not read for`() throws {
        let source = EndlessSource()
        let pair = try RawClientPair(settings: [(4, 20_000)]) { call in
            call.stream(from: source)
            return RecordingHandler(call)
        }
        try pair.open(1, endsStream: true)
        #expect(pair.client.body(of: 1).count == 20_000)
        let asked = source.lender.lentCount
        #expect(asked <= 21)
        try pair.pair.run(for: .milliseconds(5))
        #expect(source.lender.lentCount == asked)
        try pair.exchange(.windowUpdate(5_000, stream: 1))
        #expect(pair.client.body(of: 1).count == 25_000)
        #expect(source.lender.lentCount <= asked + 5)
        // What was pulled and not sent comes back when the stream dies.
        try pair.exchange(.reset(8, stream: 1))
        #expect(source.lender.returnedCount == source.lender.lentCount)
    }

    @Test func `a window of the connection holds every stream back`() throws {
        var sources: [EndlessSource] = []
        let pair = try RawClientPair(settings: [(4, 1 << 20)]) { call in
            let source = EndlessSource()
            sources.append(source)
            call.stream(from: source)
            return RecordingHandler(call)
        }
        for stream: UInt32 in [1, 3, 5] { try pair.open(stream, endsStream: true) }
        let total = [1, 3, 5].reduce(0) { $0 + pair.client.body(of: $1).count }
        #expect(total == 65_535)
        try pair.exchange(.windowUpdate(60_000, stream: 0))
        for stream: UInt32 in [3, 5] { #expect(pair.client.body(of: stream).count > 10_000) }
    }

    @Test func `a source that has nothing is woken`() throws {
        let source = ScriptedSource()
        var call: GRPCServerCall?
        let pair = try GRPCPair { new in
            call = new
            new.stream(from: source)
            return RecordingHandler(new)
        }
        let receiver = RecordingReceiver()
        _ = pair.call(receiver: receiver)
        try pair.pair.settle()
        let asked = source.askedCount
        #expect(receiver.headers != nil)
        try pair.pair.run(for: .milliseconds(5))
        #expect(source.askedCount == asked)
        for number: UInt8 in 0..<5 {
            source.append(.message(GRPCMessage([number])))
            call?.resume()
            call?.resume()
            try pair.pair.settle()
            #expect(receiver.messages.last == [number])
        }
        source.append(.end(GRPCStatus(.aborted, "done")))
        call?.resume()
        try pair.pair.settle()
        #expect(receiver.status?.code == .aborted)
        call?.resume()
    }

    /// Learns of its news right after it has said that there are none.
    private final class LateSource: MessageSource {
        weak var call: GRPCServerCall?
        private var answers: [NextMessage] = [.message(GRPCMessage([9])), .end(.ok)]
        private var isLate = true

        func next() -> NextMessage {
            if isLate {
                isLate = false
                call?.resume()
                return .notYet
            }
            isLate = true
            return answers.removeFirst()
        }
    }

    @Test func `news that come while a source is asked are not lost`() throws {
        let source = LateSource()
        let pair = try GRPCPair { call in
            source.call = call
            call.stream(from: source)
            return RecordingHandler(call)
        }
        let receiver = RecordingReceiver()
        _ = pair.call(receiver: receiver)
        try pair.pair.settle()
        #expect(receiver.messages == [[9]])
        #expect(receiver.status == .ok)
    }

    @Test func `payloads come back when the connection is lost, and handlers hear of it`() throws {
        let lender = Lender()
        var handler: RecordingHandler?
        let pair = try RawClientPair(settings: [(4, 0)]) { call in
            call.send(lender.message(10))
            call.send(lender.message(10))
            handler = RecordingHandler(call)
            return handler
        }
        try pair.open(1)
        pair.pair.server.close(.reset(.connectionReset))
        try pair.pair.settle()
        #expect(handler?.cancellation == .connectionLost(.reset(.connectionReset)))
        #expect(handler?.isReleased == true)
        #expect(lender.returnedCount == 2)
        handler?.call.send(lender.message(10))
        #expect(lender.returnedCount == 3)
        #expect(pair.server.openCallCount == 0)
    }

    @Test(arguments: [64, 100, 1 << 10, 5_000, 20_000, 256 << 10])
    func `a buffer of any size will do`(capacity: Int) throws {
        let messages = (0..<30).map { [UInt8](repeating: UInt8($0), count: $0 * 777) }
        let script = messages.map { NextMessage.message(GRPCMessage($0)) } + [.end(.ok)]
        let pair = try GRPCPair(pieces: .seeded(3), bufferCapacity: capacity) { call in
            SingleRequestCall(call) { handler, _ in
                handler.call.stream(from: ScriptedSource(script))
            }
        }
        let receiver = RecordingReceiver()
        _ = pair.call(receiver: receiver)
        try pair.pair.settle()
        #expect(receiver.messages == messages)
        #expect(receiver.status == .ok)
    }

    @Test func `calls of one connection take turns with frames of a message`() throws {
        let pair = try RawClientPair(settings: [(4, 1 << 20), (5, 1 << 20)]) { call in
            call.stream(from: EndlessSource())
            return RecordingHandler(call)
        }
        try pair.exchange(.windowUpdate(1 << 20, stream: 0))
        try pair.open(1, endsStream: true)
        #expect(pair.client.frames(of: 1).map(\.payload.count).max() == 262_135)
        try pair.open(3, endsStream: true)
        let before = pair.client.frames.count
        try pair.exchange(.windowUpdate(1 << 20, stream: 1), .windowUpdate(2 << 20, stream: 0))
        let frames = pair.client.frames[before...].filter { $0.kind == .data }
        #expect(frames.map(\.payload.count).max() == 64 << 10)
        #expect(frames.prefix(8).map(\.stream) == [1, 3, 1, 3, 1, 3, 1, 3])
    }

    @Test func `frames are as large as the peer allows, up to our own limit`() throws {
        let bytes = [UInt8](repeating: 1, count: 700_000)
        for (peerMax, frameMax) in [
            (UInt32(16_384), 16_384), (100_000, 100_000), (1 << 20, 262_135),
        ] {
            // Frame size, stream window; and the window of the connection by an update.
            let settings: [(UInt16, UInt32)] = [(5, peerMax), (4, 1 << 20)]
            let pair = try RawClientPair(settings: settings) { call in
                call.send(GRPCMessage(bytes))
                call.finish(.ok)
                return RecordingHandler(call)
            }
            try pair.exchange(.windowUpdate(1 << 20, stream: 0))
            try pair.open(1, endsStream: true)
            #expect(pair.client.body(of: 1).count == 700_005)
            #expect(pair.client.frames(of: 1).map(\.payload.count).max() == frameMax)
        }
    }
}
