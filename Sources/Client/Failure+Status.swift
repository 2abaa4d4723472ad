import JobsAPI
import SwiftProtobuf
import Transport

extension Failure {
    /// What the server said; its sentences are complete, so there is nothing to add to them.
    init(_ status: GRPCStatus) {
        let details = StatusDetails(status.details ?? [])
        let reason = details.info?.reason ?? status.code.name
        let (sentence, remedy) =
            details.info == nil ? Self.unexplained(status) : (status.message, "")
        let violations = details.violations.filter { !sentence.contains($0.description_p) }
            .map { "\($0.field): \($0.description_p)" }
        self.init(
            reason: reason, ([sentence] + violations).joined(separator: "\n"), remedy: remedy,
            facts: details.info?.metadata ?? [:],
            exitStatus: Self.exitStatus(for: status.code, reason: reason),
            outage: Self.outage(status.code, details))
    }

    /// Whether it is worth coming back: the server says so, or nobody does who knows it.
    private static func outage(_ code: GRPCStatusCode, _ details: StatusDetails) -> Outage? {
        if let retryDelay = details.retryDelay { return Outage(retryDelay: retryDelay) }
        guard code == .unavailable else { return nil }
        // Without a reason it is the transport's own word, or that of something between us and the
        // server.
        return [nil, "SERVER_DRAINING"].contains(details.info?.reason) ? Outage() : nil
    }

    /// Sentence and remedy for what the server's own errors do not cover: deadlines, which are over at
    /// this end first as a rule, and servers that are something else.
    private static func unexplained(_ status: GRPCStatus) -> (String, String) {
        let sentence = status.message.isEmpty ? status.code.name : status.message
        return switch status.code {
        case .deadlineExceeded:
            ("there was no answer in time", "`cmdctl doctor` tells whether the server is well.")
        case .unimplemented:
            (sentence, "The server is older than this cmdctl, or something else.")
        default: (sentence, "")
        }
    }

    private static func exitStatus(for code: GRPCStatusCode, reason: String) -> ExitStatus {
        switch (code, reason) {
        case (_, "PROGRAM_NOT_FOUND"): .notFound
        case (_, "PROGRAM_NOT_EXECUTABLE"): .notExecutable
        case (.deadlineExceeded, _): .timedOut
        default: .ownFailure
        }
    }
}

/// The google.rpc details of a status.
struct StatusDetails {
    private(set) var info: Google_Rpc_ErrorInfo?
    private(set) var violations: [Google_Rpc_BadRequest.FieldViolation] = []
    /// How long the server wants us to stay away.
    private(set) var retryDelay: Duration?

    /// Reads a serialized google.rpc.Status; what cannot be read is as good as absent.
    init(_ bytes: [UInt8]) {
        guard let status = try? Google_Rpc_Status(serializedBytes: bytes) else { return }
        for detail in status.details {
            if let info = try? Google_Rpc_ErrorInfo(unpackingAny: detail) { self.info = info }
            if let request = try? Google_Rpc_BadRequest(unpackingAny: detail) {
                violations += request.fieldViolations
            }
            if let retry = try? Google_Rpc_RetryInfo(unpackingAny: detail) {
                retryDelay =
                    .seconds(retry.retryDelay.seconds)
                    + .nanoseconds(Int64(retry.retryDelay.nanos))
            }
        }
    }
}
