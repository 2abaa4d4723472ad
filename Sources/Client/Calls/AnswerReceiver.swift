import JobsAPI
import SwiftProtobuf
import Transport

/// Hears the answer to a call that has one message for an answer.
final class AnswerReceiver<Response: Message>: GRPCResponseReceiver {
    private(set) var result: Result<Response, Failure>?
    private var message: [UInt8]?

    func receivedHeaders(_ metadata: GRPCMetadata) {}

    func received(_ message: [UInt8]) {
        self.message = message
    }

    func finished(_ status: GRPCStatus, trailers: GRPCMetadata) {
        guard status.code == .ok else {
            result = .failure(Failure(status))
            return
        }
        guard let message, let response = try? Response(serializedBytes: message) else {
            result = .failure(Self.unreadable)
            return
        }
        result = .success(response)
    }

    private static var unreadable: Failure {
        Failure(
            reason: "ANSWER_UNREADABLE", "the server's answer cannot be read",
            remedy: "Compare `cmdctl version --server`: are both of one version?")
    }
}
