import JobsAPI
import Reactor
import SwiftProtobuf
import Testing
import Transport

@testable import Client

/// What users are told, and what programs are; the method is a table of everything that can happen.
@Suite struct FailureTests {
    static let server = Endpoint(host: "build7", port: 9090)

    static let closings: [(ConnectionCloseReason, String, String)] = [
        (
            .connectFailed(
                .refused(endpoint: "build7:9090", .connectionRefused)),
            "CONNECTION_REFUSED", "nobody listens there. Is cmdctld running there"
        ),
        (
            .connectFailed(.unknownHost("build7", reason: "Name or service not known")),
            "HOST_UNKNOWN", "build7 has no address (Name or service not known). Check the spelling"
        ),
        (
            .connectFailed(.timedOut(endpoint: "build7:9090")), "CONNECT_TIMED_OUT",
            "no answer in time. Is the address right"
        ),
        (
            .handshakeFailed(.peerCertificateInvalid(.hostNameMismatch(expected: "build7"))),
            "SERVER_CERTIFICATE_INVALID", "it is not for the host build7. Connect by a name it has"
        ),
        (
            .handshakeFailed(.peerCertificateInvalid(.unknownAuthority)),
            "SERVER_CERTIFICATE_INVALID",
            "it was not issued by a trusted CA. Is --cacert the authority that issued it?"
        ),
        (
            .handshakeFailed(.peerCertificateInvalid(.expired)), "SERVER_CERTIFICATE_INVALID",
            "it has expired. Ask who runs the server"
        ),
        (
            .handshakeFailed(.certificateRefusedByPeer(TLSAlert(rawValue: 48))),
            "CERTIFICATE_REFUSED", "refused your certificate (TLS alert: unknown CA). It must be"
        ),
        (
            .handshakeFailed(.notTLS), "HANDSHAKE_FAILED",
            "does not speak TLS. Is this the right port?"
        ),
        (.handshakeTimeout, "HANDSHAKE_TIMED_OUT", "said nothing. Is it cmdctld"),
        (.peerClosed, "CONNECTION_LOST", "the server closed it. It may be shutting down."),
        (.reset(.connectionReset), "CONNECTION_LOST", "Connection reset by peer. Jobs go on"),
        (.keepaliveTimeout, "CONNECTION_LOST", "the server no longer answers. Is the network"),
    ]

    @Test(arguments: closings)
    func `each way a connection can fail has a sentence of its own`(
        closing: ConnectionCloseReason, reason: String, sentence: String
    ) {
        let failure = Failure(closing, server: Self.server)
        #expect(failure.reason == reason)
        #expect(failure.description.contains(sentence), "\(failure)")
        #expect(failure.description.contains("build7:9090"), "\(failure)")
        #expect(failure.exitStatus == .ownFailure || failure.exitStatus == .timedOut)
    }

    static func status(
        _ code: GRPCStatusCode, _ message: String, reason: String? = nil,
        violations: [(String, String)] = []
    ) throws -> GRPCStatus {
        guard let reason else { return GRPCStatus(code, message) }
        var status = Google_Rpc_Status()
        let info = Google_Rpc_ErrorInfo.with {
            $0.reason = reason
            $0.domain = "cmdctl"
            $0.metadata = ["job": "0192"]
        }
        status.details = [try Google_Protobuf_Any(message: info)]
        if !violations.isEmpty {
            var request = Google_Rpc_BadRequest()
            request.fieldViolations = violations.map { field, text in
                .with {
                    $0.field = field; $0.description_p = text
                }
            }
            status.details.append(try Google_Protobuf_Any(message: request))
        }
        return GRPCStatus(code, message, details: try status.serializedBytes())
    }

    @Test(arguments: [
        (GRPCStatusCode.notFound, "JOB_NOT_FOUND", ExitStatus.ownFailure),
        (.failedPrecondition, "PROGRAM_NOT_FOUND", .notFound),
        (.failedPrecondition, "PROGRAM_NOT_EXECUTABLE", .notExecutable),
        (.deadlineExceeded, "DEADLINE_EXCEEDED", .timedOut),
        (.unavailable, "SERVER_DRAINING", .ownFailure),
    ])
    func `a reason decides what to exit with`(
        code: GRPCStatusCode, reason: String, exitStatus: ExitStatus
    ) throws {
        let failure = Failure(try Self.status(code, "what: why. what to do", reason: reason))
        #expect(failure.reason == reason)
        #expect(failure.exitStatus == exitStatus)
        #expect(failure.facts == ["job": "0192"])
        #expect(failure.description == "what: why. what to do")
    }

    static let outages: [(GRPCStatusCode, String?, Int64?, Failure.Outage?)] = [
        (.unavailable, nil, nil, Failure.Outage()),
        (.unavailable, "SERVER_DRAINING", nil, Failure.Outage()),
        (.unavailable, "SERVER_DRAINING", 2, Failure.Outage(retryDelay: .seconds(2))),
        (.resourceExhausted, "OVERLOADED", 1, Failure.Outage(retryDelay: .seconds(1))),
        (.unavailable, "STORAGE_UNAVAILABLE", nil, nil),
        (.notFound, "JOB_NOT_FOUND", nil, nil),
        (.internal, nil, nil, nil),
    ]

    @Test(arguments: outages)
    func `what may pass is told from what will not`(
        code: GRPCStatusCode, reason: String?, delay: Int64?, outage: Failure.Outage?
    ) throws {
        var status = Google_Rpc_Status()
        if let reason {
            let info = Google_Rpc_ErrorInfo.with { $0.reason = reason }
            status.details.append(try Google_Protobuf_Any(message: info))
        }
        if let delay {
            let retry = Google_Rpc_RetryInfo.with { $0.retryDelay.seconds = delay }
            status.details.append(try Google_Protobuf_Any(message: retry))
        }
        let failure = Failure(
            GRPCStatus(code, "what: why", details: try status.serializedBytes()))
        #expect(failure.outage == outage)
    }

    static let passing: [(ConnectionCloseReason, Bool)] = [
        (.connectFailed(.refused(endpoint: "build7:9090", .connectionRefused)), true),
        (.connectFailed(.unknownHost("build7", reason: "try again")), true),
        (.connectFailed(.timedOut(endpoint: "build7:9090")), true),
        (.connectFailed(.invalidEndpoint("build7")), false),
        (.handshakeTimeout, true),
        (.handshakeFailed(.closedDuringHandshake), true),
        (.handshakeFailed(.peerCertificateInvalid(.unknownAuthority)), false),
        (.handshakeFailed(.certificateRefusedByPeer(TLSAlert(rawValue: 48))), false),
        (.handshakeFailed(.notTLS), false),
        (.peerClosed, true), (.finished, true), (.crowdedOut, true), (.shutdown, true),
        (.idle, true),
        (.reset(.connectionReset), true), (.keepaliveTimeout, true),
        (.protocolError("it did"), false),
    ]

    @Test(arguments: passing)
    func `a way that is lost may be found again, one that is wrong may not`(
        closing: ConnectionCloseReason, isOutage: Bool
    ) {
        #expect((Failure(closing, server: Self.server).outage != nil) == isOutage)
    }

    @Test func `every field that is wrong is named`() throws {
        let failure = Failure(
            try Self.status(
                .invalidArgument, "the job cannot be started", reason: "INVALID_SPEC",
                violations: [("spec.name", "is too long"), ("spec.command", "is empty")]))
        #expect(failure.description.contains("spec.name: is too long\nspec.command: is empty"))
        let told = Failure(
            try Self.status(
                .invalidArgument, "wrong. name: It is too long.", reason: "INVALID_SPEC",
                violations: [("spec.name", "It is too long.")]))
        #expect(told.description == "wrong. name: It is too long.")
    }

    @Test func `a status without details is told by its code`() throws {
        let failure = Failure(GRPCStatus(.unimplemented, "unknown method"))
        #expect(failure.reason == "UNIMPLEMENTED")
        #expect(failure.description.hasPrefix("unknown method. The server is older"))
        let late = Failure(GRPCStatus(.deadlineExceeded, "deadline exceeded"))
        #expect(late.description.hasPrefix("there was no answer in time. "))
        #expect(late.exitStatus == .timedOut)
    }

    @Test func `programs get one line of JSON`() {
        let failure = Failure(
            reason: "JOB_NOT_FOUND", "no job \"x\"\n", remedy: "Look.", facts: ["b": "2", "a": "1"])
        #expect(
            failure.json
                == #"{"error":{"reason":"JOB_NOT_FOUND","message":"no job \"x\"\n. Look.","#
                + #""exitCode":125,"metadata":{"a":"1","b":"2"}}}"#)
    }
}
