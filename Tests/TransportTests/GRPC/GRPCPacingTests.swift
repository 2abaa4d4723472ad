import Reactor
import TestSupport
import Testing

@testable import Transport

/// A handler that is slow keeps its own caller waiting, and nobody else.
@Suite(.timeLimit(.minutes(10)))
struct GRPCPacingTests {
    private static let messageSize = 64 << 10
    private static let messageCount = 100

    /// Keeps what it is given until it is told to be done with it.
    private final class SlowHandler: GRPCCallHandler {
        let call: GRPCServerCall
        var held: [Int] = []
        var total = 0

        init(_ call: GRPCServerCall) { self.call = call }

        var pacesRequest: Bool { true }

        func received(_ message: [UInt8]) {
            held.append(message.count)
            total += message.count
        }

        func requestEnded() {
            call.finish(.ok)
        }

        func cancelled(_ reason: GRPCCancellation) {}

        func workOff() {
            let done = held
            held = []
            for count in done { call.consumed(count) }
        }
    }

    @Test func `a caller sends no more than a window ahead of a slow handler`() throws {
        var slow: SlowHandler?
        let pair = try GRPCPair { call in
            guard call.method == "Slow" else {
                return SingleRequestCall(call) { $0.answer($1) }
            }
            let handler = SlowHandler(call)
            slow = handler
            return handler
        }
        let message = [UInt8](repeating: 7, count: Self.messageSize)
        let answer = RecordingReceiver()
        _ = pair.call(
            "/test.Service/Slow",
            messages: Array(repeating: message, count: Self.messageCount), receiver: answer)
        try pair.pair.settle()
        let window = TransportLimits().http2.streamWindowBytes
        let handler = try #require(slow)
        #expect(handler.total > 0)
        // One message may be under way when the window closes.
        #expect(handler.total <= window + 2 * Self.messageSize)
        #expect(answer.status == nil)

        // Others on the connection are served.
        let other = RecordingReceiver()
        _ = pair.call(messages: [[1]], receiver: other)
        try pair.pair.settle()
        #expect(other.status?.code == .ok)

        while answer.status == nil {
            let before = handler.total
            handler.workOff()
            try pair.pair.settle()
            try #require(handler.total > before || answer.status != nil, "nothing comes any more")
            #expect(handler.held.reduce(0, +) <= window + 2 * Self.messageSize)
        }
        #expect(handler.total == Self.messageSize * Self.messageCount)
        #expect(answer.status?.code == .ok)
    }
}
