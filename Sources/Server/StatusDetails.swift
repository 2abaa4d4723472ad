import JobsAPI
import SwiftProtobuf
import Transport

extension GRPCStatus {
    /// The trailers of a failed call: the code, the sentence, and google.rpc details.
    init(_ error: CallError) {
        let answer = ErrorAnswer(error).bounded
        self.init(answer.code, answer.sentence, details: answer.serializedDetails)
    }
}

extension ErrorAnswer {
    /// A serialized google.rpc.Status: ErrorInfo always, the others where they say something.
    var serializedDetails: [UInt8]? {
        var status = Google_Rpc_Status()
        status.code = Int32(code.rawValue)
        status.message = sentence
        status.details = details.compactMap { try? Google_Protobuf_Any(message: $0) }
        return try? status.serializedBytes()
    }

    private var details: [any SwiftProtobuf.Message] {
        var details: [any SwiftProtobuf.Message] = [errorInfo]
        if !violations.isEmpty { details.append(badRequest) }
        if let job { details.append(resourceInfo(job)) }
        if let retryDelay {
            details.append(
                Google_Rpc_RetryInfo.with { $0.retryDelay = .init(rounding: retryDelay) })
        }
        return details
    }

    private var errorInfo: Google_Rpc_ErrorInfo {
        .with {
            $0.reason = reason
            $0.domain = Self.domain
            $0.metadata = metadata
        }
    }

    private var badRequest: Google_Rpc_BadRequest {
        .with { message in
            message.fieldViolations = violations.map { violation in
                .with {
                    $0.field = violation.field
                    $0.description_p = violation.description
                }
            }
        }
    }

    private func resourceInfo(_ job: String) -> Google_Rpc_ResourceInfo {
        .with {
            $0.resourceType = "cmdctl.v1.Job"
            $0.resourceName = job
        }
    }
}
