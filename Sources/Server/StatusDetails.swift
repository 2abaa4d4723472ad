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
        if let quota { details.append(quotaFailure(quota)) }
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

    private func quotaFailure(_ quota: QuotaViolation) -> Google_Rpc_QuotaFailure {
        .with {
            $0.violations = [
                .with {
                    $0.subject = quota.subject
                    $0.description_p = quota.description
                }
            ]
        }
    }

    private func resourceInfo(_ job: String) -> Google_Rpc_ResourceInfo {
        .with {
            $0.resourceType = "cmdctl.v1.Job"
            $0.resourceName = job
        }
    }
}

extension ErrorAnswer {
    /// The same, short enough for the trailers that carry it: a request of 4 MiB can hold a million
    /// mistakes, and the peer takes some kilobytes of header fields.
    var bounded: ErrorAnswer {
        var answer = ErrorAnswer(
            code: code, reason: reason, sentence: sentence.shortened(to: Limits.errorTextMax))
        answer.metadata = metadata.mapValues { $0.shortened(to: Limits.errorMetadataMax) }
        answer.violations = violations.prefix(Limits.errorViolationsMax).map {
            FieldViolation(
                field: $0.field.shortened(to: Limits.errorDetailMax),
                description: $0.description.shortened(to: Limits.errorDetailMax))
        }
        answer.job = job?.shortened(to: Limits.errorDetailMax)
        answer.quota = quota
        answer.retryDelay = retryDelay
        return answer
    }
}

extension String {
    /// At most so many bytes, with an ellipsis where there were more.
    fileprivate func shortened(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let ellipsis = "…"
        var short = ""
        for scalar in unicodeScalars {
            let size = UTF8.width(scalar)
            guard short.utf8.count + size + ellipsis.utf8.count <= limit else { break }
            short.unicodeScalars.append(scalar)
        }
        return short + ellipsis
    }
}
