import Transport

/// Writes down what a client is told.
final class RecordingReceiver: GRPCResponseReceiver {
    private(set) var headers: GRPCMetadata?
    private(set) var messages: [[UInt8]] = []
    private(set) var status: GRPCStatus?
    private(set) var trailers: GRPCMetadata?
    var onMessage: (([UInt8]) -> Void)?

    func receivedHeaders(_ metadata: GRPCMetadata) {
        precondition(headers == nil && status == nil, "headers come once, and first")
        headers = metadata
    }

    func received(_ message: [UInt8]) {
        precondition(headers != nil && status == nil, "messages come after headers")
        messages.append(message)
        onMessage?(message)
    }

    func finished(_ status: GRPCStatus, trailers: GRPCMetadata) {
        precondition(self.status == nil, "finished twice")
        self.status = status
        self.trailers = trailers
    }
}
