import SwiftProtobuf
import Transport

/// A method that takes one message and answers with a stream of them.
protocol StreamingMethod {
    associatedtype Request: SwiftProtobuf.Message

    /// Opens the stream that answers a request.
    ///
    /// - Parameters:
    ///   - request: What the caller wants.
    ///   - caller: Who that is.
    ///   - resume: Tells the call that a stream which had nothing has news.
    /// - Returns: The stream, whose first message may not be there yet.
    /// - Throws: Why there is nothing to stream.
    func open(
        _ request: Request, for caller: Caller, resume: @escaping () -> Void
    ) throws(CallError) -> any AnswerStream
}

/// What a ``StreamingMethod`` sends, until it ends or is closed.
protocol AnswerStream: MessageSource {
    /// The call is gone, however it ended: give up whatever feeds the stream. Called once.
    func close()
}

/// Collects the request of a streaming call, and lets the call pull from the stream it opens.
final class StreamingHandler<Method: StreamingMethod>: GRPCCallHandler {
    private let method: Method
    private let call: GRPCServerCall
    private let caller: Caller
    private var request: [UInt8]?
    private var stream: (any AnswerStream)?
    private var isOver = false

    init(_ method: Method, call: GRPCServerCall, caller: Caller) {
        self.method = method
        self.call = call
        self.caller = caller
    }

    func received(_ message: [UInt8]) {
        guard request == nil else { return fail(.notOneMessage(count: 2)) }
        request = message
    }

    func requestEnded() {
        guard !isOver else { return }
        guard let request else { return fail(.notOneMessage(count: 0)) }
        // The stream may live for days.
        self.request = nil
        guard let message = try? Method.Request(serializedBytes: request) else {
            return fail(.malformedRequest)
        }
        do throws(CallError) {
            let opened = try method.open(message, for: caller) { [call] in call.resume() }
            stream = opened
            call.stream(from: opened)
        } catch {
            fail(error)
        }
    }

    func cancelled(_ reason: GRPCCancellation) {
        isOver = true
        request = nil
    }

    func released() {
        stream?.close()
        stream = nil
    }

    var heldByteCount: Int { request?.count ?? 0 }

    var awaitsRequestEnd: Bool { true }

    private func fail(_ error: CallError) {
        guard !isOver else { return }
        isOver = true
        call.finish(GRPCStatus(error))
    }
}
