import Transport

/// Takes the messages of a stream one by one.
protocol StreamReceiver: AnyObject {
    /// One message; the server may send as many bytes more once `whenWritten` is called.
    func received(_ bytes: [UInt8], whenWritten: @escaping () -> Void) throws(Failure)
}

/// Hands a stream's messages on, and remembers how it ended.
final class StreamAdapter: GRPCResponseReceiver {
    weak var call: GRPCClientCall?
    /// How the server ended the stream.
    private(set) var status: GRPCStatus?
    /// Why we ended it.
    private(set) var failure: Failure?

    private let receiver: any StreamReceiver

    init(receiver: any StreamReceiver) {
        self.receiver = receiver
    }

    func receivedHeaders(_ metadata: GRPCMetadata) {}

    func received(_ message: [UInt8]) {
        guard failure == nil else { return }
        do {
            let count = message.count
            try receiver.received(message) { [weak self] in self?.call?.consumed(count) }
        } catch {
            failure = error
            call?.cancel()
        }
    }

    func finished(_ status: GRPCStatus, trailers: GRPCMetadata) {
        self.status = status
    }
}
