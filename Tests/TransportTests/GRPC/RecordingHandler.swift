import Transport

/// Writes down what a handler is told; what it answers is up to the test.
final class RecordingHandler: GRPCCallHandler {
    let call: GRPCServerCall
    private(set) var messages: [[UInt8]] = []
    private(set) var hasRequestEnded = false
    private(set) var cancellation: GRPCCancellation?
    private(set) var isReleased = false
    var onMessage: (([UInt8]) -> Void)?
    var onRequestEnd: (() -> Void)?

    init(_ call: GRPCServerCall) {
        self.call = call
    }

    func received(_ message: [UInt8]) {
        precondition(!hasRequestEnded && cancellation == nil && !isReleased, "a late message")
        messages.append(message)
        onMessage?(message)
    }

    func requestEnded() {
        precondition(!hasRequestEnded && cancellation == nil && !isReleased, "a late end")
        hasRequestEnded = true
        onRequestEnd?()
    }

    func cancelled(_ reason: GRPCCancellation) {
        precondition(cancellation == nil && !isReleased, "cancelled twice")
        cancellation = reason
    }

    func released() {
        precondition(!isReleased, "released twice")
        isReleased = true
    }
}

/// Has messages, pauses and an end as a test gives them.
final class ScriptedSource: MessageSource {
    private var script: [NextMessage]
    private(set) var askedCount = 0
    var onNext: (() -> Void)?

    init(_ script: [NextMessage] = []) {
        self.script = script
    }

    func append(_ next: NextMessage) {
        script.append(next)
    }

    func next() -> NextMessage {
        askedCount += 1
        onNext?()
        return script.isEmpty ? .notYet : script.removeFirst()
    }
}
