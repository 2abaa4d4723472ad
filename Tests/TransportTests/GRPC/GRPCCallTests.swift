import Reactor
import TestSupport
import Testing

@testable import Transport

/// Calls of all four shapes between our client and our server, with the bytes cut in every way.
@Suite(.timeLimit(.minutes(10)))
struct GRPCCallTests {
    private static let path = "/test.Service/Method"

    @Test(arguments: PieceSizes.all)
    func `a unary call is answered`(pieces: PieceSizes) throws {
        let pair = try GRPCPair(pieces: pieces) { call in
            SingleRequestCall(call) { $0.answer($1.reversed()) }
        }
        let receiver = RecordingReceiver()
        _ = pair.call(messages: [[1, 2, 3]], receiver: receiver)
        try pair.pair.settle()
        #expect(receiver.messages == [[3, 2, 1]])
        #expect(receiver.status == .ok)
        #expect(pair.client.openCallCount == 0)
        #expect(pair.server.openCallCount == 0)
    }

    @Test(arguments: PieceSizes.all)
    func `a server streams`(pieces: PieceSizes) throws {
        let messages = (0..<40).map { [UInt8](repeating: UInt8($0), count: $0 * 100) }
        let script = messages.map { NextMessage.message(GRPCMessage($0)) } + [.end(.ok)]
        let pair = try GRPCPair(pieces: pieces) { call in
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

    @Test(arguments: PieceSizes.all)
    func `a client streams, and the server hears each message as it comes`(
        pieces: PieceSizes
    ) throws {
        var handler: RecordingHandler?
        let pair = try GRPCPair(pieces: pieces) { call in
            let new = RecordingHandler(call)
            new.onRequestEnd = { [unowned new] in
                call.send(GRPCMessage([UInt8(new.messages.count)]))
                call.finish(.ok)
            }
            handler = new
            return new
        }
        let receiver = RecordingReceiver()
        let call = pair.client.call(Self.path, receiver: receiver)
        for number in 0..<10 {
            call.send([UInt8(number)])
            try pair.pair.settle()
            #expect(handler?.messages.count == number + 1)
            #expect(handler?.hasRequestEnded == false)
        }
        call.halfClose()
        try pair.pair.settle()
        #expect(receiver.messages == [[10]])
        #expect(receiver.status == .ok)
        #expect(handler?.isReleased == true)
        #expect(handler?.cancellation == nil)
    }

    @Test(arguments: PieceSizes.all)
    func `both stream, message for message`(pieces: PieceSizes) throws {
        let pair = try GRPCPair(pieces: pieces) { call in
            let handler = RecordingHandler(call)
            handler.onMessage = { call.send(GRPCMessage($0)) }
            handler.onRequestEnd = { call.finish(.ok) }
            return handler
        }
        let receiver = RecordingReceiver()
        let call = pair.client.call(Self.path, receiver: receiver)
        for number in 0..<10 {
            call.send([UInt8(number), 0])
            try pair.pair.settle()
            #expect(receiver.messages.last == [UInt8(number), 0])
        }
        call.halfClose()
        try pair.pair.settle()
        #expect(receiver.messages.count == 10)
        #expect(receiver.status == .ok)
    }

    @Test(arguments: GRPCStatusCode.allCases)
    func `every status arrives, before and after messages`(code: GRPCStatusCode) throws {
        let status = GRPCStatus(code, code == .ok ? "" : "Größe: 100%", details: [8, 5, 0xFF])
        for sendsMessage in [true, false] {
            let pair = try GRPCPair { call in
                if sendsMessage { call.send(GRPCMessage([1])) }
                call.finish(status)
                return RecordingHandler(call)
            }
            let receiver = RecordingReceiver()
            _ = pair.call(receiver: receiver)
            try pair.pair.settle()
            #expect(receiver.status == status)
            #expect(receiver.messages.count == (sendsMessage ? 1 : 0))
        }
    }

    @Test func `the server sees what the client said about the call`() throws {
        var seen: GRPCServerCall?
        let pair = try GRPCPair { call in
            seen = call
            return SingleRequestCall(call) { handler, _ in handler.answer([]) }
        }
        var metadata = GRPCMetadata()
        try metadata.append("x-trace", text: "abc")
        try metadata.append("x-blob-bin", binary: [0, 1, 2])
        let call = pair.client.call(
            "/a.b.C/Do", metadata: metadata, receiver: RecordingReceiver())
        call.send([])
        call.halfClose()
        try pair.pair.settle()
        #expect(seen?.service == "a.b.C")
        #expect(seen?.method == "Do")
        #expect(seen?.metadata["x-trace"] == "abc")
        #expect(seen?.metadata.binary("x-blob-bin") == [0, 1, 2])
        #expect(seen?.metadata["user-agent"] == "test/1")
        #expect(seen?.deadline == nil)
        #expect(seen?.remoteAddress != nil)
    }

    @Test(arguments: [true, false])
    func `the client sees what the server says beside its messages`(hasMessage: Bool) throws {
        var head = GRPCMetadata()
        try head.append("x-head", text: "1")
        var tail = GRPCMetadata()
        try tail.append("x-tail-bin", binary: [2])
        let pair = try GRPCPair { call in
            call.responseMetadata = head
            call.trailingMetadata = tail
            if hasMessage { call.send(GRPCMessage([])) }
            call.finish(.ok)
            return RecordingHandler(call)
        }
        let receiver = RecordingReceiver()
        _ = pair.call(receiver: receiver)
        try pair.pair.settle()
        #expect(receiver.headers?["x-head"] == (hasMessage ? "1" : nil))
        #expect(receiver.trailers?.binary("x-tail-bin") == [2])
    }

    @Test func `an unknown method is unimplemented`() throws {
        let pair = try GRPCPair { _ in nil }
        let receiver = RecordingReceiver()
        _ = pair.call("/no.Such/Thing", receiver: receiver)
        try pair.pair.settle()
        #expect(receiver.status?.code == .unimplemented)
        #expect(receiver.status?.message.contains("no.Such/Thing") == true)
    }

    @Test func `a router may refuse a call itself`() throws {
        let pair = try GRPCPair { call in
            call.finish(GRPCStatus(.unauthenticated, "who are you?"))
            return nil
        }
        let receiver = RecordingReceiver()
        _ = pair.call(receiver: receiver)
        try pair.pair.settle()
        #expect(receiver.status == GRPCStatus(.unauthenticated, "who are you?"))
    }

    @Test(arguments: [0, 2, 3])
    func `a method of one request takes one`(count: Int) throws {
        let pair = try GRPCPair { call in
            SingleRequestCall(call) { handler, _ in
                Issue.record("performed")
                handler.answer([])
            }
        }
        let receiver = RecordingReceiver()
        _ = pair.call(messages: Array(repeating: [1], count: count), receiver: receiver)
        try pair.pair.settle()
        #expect(receiver.status?.code == .unimplemented)
        #expect(pair.server.openCallCount == 0)
    }

    @Test func `an answer may come before the request has ended`() throws {
        let pair = try GRPCPair { call in
            let handler = RecordingHandler(call)
            handler.onMessage = { _ in call.finish(GRPCStatus(.outOfRange, "enough")) }
            return handler
        }
        let receiver = RecordingReceiver()
        let call = pair.client.call(Self.path, receiver: receiver)
        call.send([1])
        try pair.pair.settle()
        #expect(receiver.status?.code == .outOfRange)
        #expect(pair.server.openCallCount == 0)
        #expect(pair.server.session.isFinished == false)
        call.send([2])
        try pair.pair.settle()
        #expect(pair.pair.client.closeReason == nil)
    }

    @Test func `many calls share a connection`() throws {
        let pair = try GRPCPair(pieces: .seeded(9)) { call in
            SingleRequestCall(call) { $0.answer($1) }
        }
        let receivers = (0..<500).map { _ in RecordingReceiver() }
        for (number, receiver) in receivers.enumerated() {
            _ = pair.call(
                messages: [[UInt8(number % 256), UInt8(number / 256)]], receiver: receiver)
        }
        try pair.pair.settle()
        for (number, receiver) in receivers.enumerated() {
            #expect(receiver.messages == [[UInt8(number % 256), UInt8(number / 256)]])
            #expect(receiver.status == .ok)
        }
    }
}
