import Jobs
import Reactor
import SwiftProtobuf
import Transport

/// A method that takes one message and answers with one.
protocol UnaryMethod {
    associatedtype Request: SwiftProtobuf.Message
    associatedtype Response: SwiftProtobuf.Message

    /// Answers at once or later, by ``UnaryCall/reply(_:)`` or ``UnaryCall/fail(_:)``; to throw is
    /// to fail at once.
    func answer(_ request: Request, to call: UnaryCall<Response>) throws(CallError)
}

/// One call of a ``UnaryMethod``, from the decoded request to its end.
final class UnaryCall<Response: SwiftProtobuf.Message> {
    let caller: Caller

    /// Runs if the caller leaves, or its deadline passes, before there is an answer: what the
    /// method waits for is no longer of interest.
    var onCancel: (() -> Void)?

    private let call: GRPCServerCall
    private var isOver = false

    init(_ call: GRPCServerCall, caller: Caller) {
        self.call = call
        self.caller = caller
    }

    /// Answers; too late is no error, since the caller may leave at any time.
    func reply(_ response: Response) {
        guard !isOver else { return }
        guard let bytes: [UInt8] = try? response.serializedBytes() else {
            isOver = true
            return call.finish(GRPCStatus(.internalFault))
        }
        reply(serialized: bytes)
    }

    /// Answers with the bytes of a response.
    func reply(serialized bytes: [UInt8]) {
        guard end() else { return }
        call.send(GRPCMessage(bytes))
        call.finish(.ok)
    }

    /// Answers with an error.
    func fail(_ error: CallError) {
        guard end() else { return }
        call.finish(GRPCStatus(error))
    }

    /// Answers with what a job operation came to.
    func finish<Value>(
        _ result: Result<Value, JobError>, _ response: (Value) -> Response
    ) {
        switch result {
        case .success(let value): reply(response(value))
        case .failure(let error): fail(.job(error))
        }
    }

    /// The caller is gone.
    func cancel() {
        guard end() else { return }
        let cancel = onCancel
        onCancel = nil
        cancel?()
    }

    private func end() -> Bool {
        if isOver { return false }
        isOver = true
        return true
    }
}

/// Collects the request of a unary call, and hands it to the method once it is complete.
final class UnaryHandler<Method: UnaryMethod>: GRPCCallHandler {
    private let method: Method
    private let call: UnaryCall<Method.Response>
    private var request: [UInt8]?
    private var messageCount = 0

    init(_ method: Method, call: GRPCServerCall, caller: Caller) {
        self.method = method
        self.call = UnaryCall(call, caller: caller)
    }

    func received(_ message: [UInt8]) {
        messageCount += 1
        // Nothing is done of a request that came twice: which one would it be?
        request = messageCount == 1 ? message : nil
        if messageCount > 1 { call.fail(.notOneMessage(count: messageCount)) }
    }

    func requestEnded() {
        guard let request else { return call.fail(.notOneMessage(count: messageCount)) }
        self.request = nil
        guard let message = try? Method.Request(serializedBytes: request) else {
            return call.fail(.malformedRequest)
        }
        do throws(CallError) {
            try method.answer(message, to: call)
        } catch {
            call.fail(error)
        }
    }

    func cancelled(_ reason: GRPCCancellation) {
        request = nil
        call.cancel()
    }

    func released() {
        call.cancel()
    }

    var heldByteCount: Int { request?.count ?? 0 }

    var awaitsRequestEnd: Bool { true }
}
