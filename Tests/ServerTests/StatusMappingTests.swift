import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Testing
import Transport

@testable import Server

/// Every error's code, reason and details; and docs/ERRORS.md, which lists them.
@Suite struct StatusMappingTests {
    static let id = JobID("0193a5e0-7c00-7000-8000-000000000001")

    static func startFailure(_ cause: StartFailure.Cause) throws -> CallError {
        let failure = StartFailure(
            stage: .execute, errorNumber: 2, cause: cause, sentence: "It does not start.")
        return .job(.startFailed(try #require(id), failure))
    }

    /// What can be wrong with a job that is limited or paused.
    private static func samplesOfControl(
        _ id: JobID
    ) -> [(CallError, GRPCStatusCode, String)] {
        let problem = SpecificationProblem(field: "clear", sentence: "It is no limit.")
        let missing = MissingController(field: "limits.io", controller: "io")
        return [
            (.job(.limitUnavailable([missing])), .failedPrecondition, "LIMIT_UNAVAILABLE"),
            (.job(.invalidUpdate([problem])), .invalidArgument, "INVALID_REQUEST"),
            (.job(.limitRefused(file: "f", problem: "p")), .failedPrecondition, "LIMIT_REFUSED"),
            (.job(.jobNotRunning(id, .starting)), .failedPrecondition, "JOB_NOT_RUNNING"),
            (.job(.pauseUnavailable), .failedPrecondition, "PAUSE_UNAVAILABLE"),
            (.job(.pauseFailed(id)), .failedPrecondition, "PAUSE_FAILED"),
            (.job(.resumeFailed(id, problem: "p")), .failedPrecondition, "RESUME_FAILED"),
        ]
    }

    /// One of each that is about images.
    static func imageSamples(_ id: JobID) -> [(CallError, GRPCStatusCode, String)] {
        [
            (
                .job(.image(.notFound(name: "x", available: ["y"]))), .notFound,
                "IMAGE_NOT_FOUND"
            ),
            (.job(.image(.exists(name: "x"))), .alreadyExists, "IMAGE_EXISTS"),
            (.job(.image(.inUse(name: "x", jobs: [id]))), .failedPrecondition, "IMAGE_IN_USE"),
            (.job(.image(.unusable(problem: "p"))), .invalidArgument, "IMAGE_UNUSABLE"),
            (.job(.image(.tooLarge(limit: 1))), .resourceExhausted, "IMAGE_TOO_LARGE"),
            (.job(.image(.storageFull(problem: "p"))), .resourceExhausted, "STORAGE_FULL"),
            (.job(.image(.unavailable(missing: "m"))), .failedPrecondition, "IMAGES_UNAVAILABLE"),
            (.job(.image(.tooManyImports)), .resourceExhausted, "TOO_MANY_IMPORTS"),
            (.job(.image(.stalled)), .deadlineExceeded, "IMPORT_STALLED"),
        ]
    }

    /// At least one of each, with what it is answered with.
    static func samples() throws -> [(CallError, GRPCStatusCode, String)] {
        let id = try #require(id)
        let problem = SpecificationProblem(field: "name", sentence: "It is too long.")
        return [
            (.job(.jobNotFound(selector: "x")), .notFound, "JOB_NOT_FOUND"),
            (.job(.jobAmbiguous(selector: "x", matches: [])), .invalidArgument, "JOB_AMBIGUOUS"),
            (.job(.jobAlreadyEnded(id)), .failedPrecondition, "JOB_ALREADY_ENDED"),
            (.job(.jobStillRunning(id)), .failedPrecondition, "JOB_STILL_RUNNING"),
            (.job(.nameTaken(name: "n", by: id)), .alreadyExists, "JOB_NAME_TAKEN"),
            (.job(.invalidSpecification([problem])), .invalidArgument, "INVALID_SPEC"),
            (.job(.invalidRequest(problem)), .invalidArgument, "INVALID_REQUEST"),
            (.job(.requestIDReused(requestID: "r")), .alreadyExists, "REQUEST_ID_REUSED"),
            (.job(.jobDeleted(id, requestID: "r")), .failedPrecondition, "JOB_DELETED"),
            (try startFailure(.programNotFound), .failedPrecondition, "PROGRAM_NOT_FOUND"),
            (
                try startFailure(.programNotExecutable), .failedPrecondition,
                "PROGRAM_NOT_EXECUTABLE"
            ),
            (
                try startFailure(.workingDirectoryUnusable), .failedPrecondition,
                "WORKING_DIRECTORY_UNUSABLE"
            ),
            (try startFailure(.argumentsTooLong), .failedPrecondition, "ARGUMENTS_TOO_LONG"),
            (try startFailure(.storageFull), .resourceExhausted, "STORAGE_FULL"),
            (try startFailure(.outOfDescriptors), .resourceExhausted, "OUT_OF_DESCRIPTORS"),
            (.job(.outOfDescriptors), .resourceExhausted, "OUT_OF_DESCRIPTORS"),
            (.job(.tooManyStarts), .resourceExhausted, "TOO_MANY_STARTS"),
            (try startFailure(.other), .failedPrecondition, "START_FAILED"),
            (.job(.offsetOutOfRange(offset: 9, size: 1)), .outOfRange, "OFFSET_OUT_OF_RANGE"),
            (.job(.draining), .unavailable, "SERVER_DRAINING"),
            (.malformedRequest, .invalidArgument, "INVALID_REQUEST"),
            (.notOneMessage(count: 2), .unimplemented, "METHOD_UNKNOWN"),
            (
                .badRequest([FieldViolation(field: "job", description: "Empty.")]),
                .invalidArgument, "INVALID_REQUEST"
            ),
            (.unknownMethod("m"), .unimplemented, "METHOD_UNKNOWN"),
            (.identityRefused(.emptyCommonName), .unauthenticated, "IDENTITY_REFUSED"),
            (.adminRequired, .permissionDenied, "ADMIN_REQUIRED"),
            (.unknownService("s"), .notFound, "SERVICE_UNKNOWN"),
            (.tooManyQuestions, .resourceExhausted, "TOO_MANY_REQUESTS"),
            (
                .transport(GRPCStatus(.deadlineExceeded)), .deadlineExceeded,
                "DEADLINE_EXCEEDED"
            ),
            (
                .transport(GRPCStatus(.resourceExhausted, "too large")), .resourceExhausted,
                "REQUEST_TOO_LARGE"
            ),
            (.transport(GRPCStatus(.internal, "odd")), .internal, "MALFORMED_CALL"),
            (.internalFault, .internal, "INTERNAL"),
        ] + storageSamples + isolationSamples + quotaSamples + samplesOfControl(id)
            + imageSamples(id)
    }

    private static let isolationSamples: [(CallError, GRPCStatusCode, String)] = [
        (.job(.outOfUserRanges), .resourceExhausted, "OUT_OF_USER_RANGES"),
        (.job(.outOfAddresses), .resourceExhausted, "OUT_OF_ADDRESSES"),
        (
            .job(.networkUnavailable(missing: "the server lacks CAP_NET_ADMIN")),
            .failedPrecondition, "NETWORK_UNAVAILABLE"
        ),
        (
            .job(.isolationUnavailable(.strict, missing: "the server lacks CAP_SYS_ADMIN")),
            .failedPrecondition, "ISOLATION_UNAVAILABLE"
        ),
    ]

    private static let quotaSamples: [(CallError, GRPCStatusCode, String)] = [
        (
            .job(
                .policyDenied(
                    PolicyDenial(
                        rule: "r", subject: .image, asked: "debian", allowed: ["alpine"]))),
            .permissionDenied, "POLICY_DENIED"
        ),
        (.job(.queueFull(.tenant, max: 3)), .resourceExhausted, "QUEUE_FULL"),
        (.job(.queueTooLarge(.server, bytesMax: 1)), .resourceExhausted, "QUEUE_FULL"),
        (
            .job(
                .rateLimited(
                    .server, StartRate(interval: .seconds(1), burst: 2), wait: .milliseconds(250))),
            .resourceExhausted, "RATE_LIMITED"
        ),
        (
            .job(.quotaTooSmall(.tenant, .memory, asked: 9, max: 5)), .resourceExhausted,
            "QUOTA_EXCEEDED"
        ),
        (
            .job(.quotaUsedUp(.server, .cpu, asked: 9, free: 5)), .resourceExhausted,
            "QUOTA_EXCEEDED"
        ),
    ]

    private static let storageSamples: [(CallError, GRPCStatusCode, String)] = [
        (
            .job(.stateDirectoryInUse(path: "/s", holder: 1)), .unavailable,
            "STORAGE_UNAVAILABLE"
        ),
        (
            .job(.storageUnavailable(path: "/s", problem: "gone")), .unavailable,
            "STORAGE_UNAVAILABLE"
        ),
        (.job(.recordsFull(problem: "full")), .resourceExhausted, "STORAGE_FULL"),
        (
            .job(.recordsUnavailable(problem: "gone")), .unavailable,
            "STORAGE_UNAVAILABLE"
        ),
        (
            .job(.recordsUnreadable(problem: "torn")), .unavailable,
            "STORAGE_UNAVAILABLE"
        ),
    ]

    @Test func `each error has its code, its reason and a sentence`() throws {
        for (error, code, reason) in try Self.samples() {
            let status = GRPCStatus(error)
            #expect(status.code == code, "\(reason)")
            #expect(status.message.hasSuffix("."), "\(status.message)")
            let details = try Details(status)
            #expect(details.status.code == Int32(code.rawValue))
            #expect(details.status.message == status.message)
            #expect(details.info.reason == reason)
            #expect(details.info.domain == "cmdctl")
        }
    }

    @Test func `fields that are wrong are named by their path in the request`() throws {
        let problems =
            [
                SpecificationProblem(field: "name", sentence: "Too long."),
                SpecificationProblem(field: "command.argv.program", sentence: "Empty."),
            ]
        let details = try Details(GRPCStatus(.job(.invalidSpecification(problems))))
        let fields = try #require(details.badRequest).fieldViolations
        #expect(fields.map(\.field) == ["spec.name", "spec.command.argv.program"])
        #expect(fields.map(\.description_p) == ["Too long.", "Empty."])
    }

    @Test func `an error about a job names it, and one about draining says when to come back`()
        throws
    {
        let missing = try Details(GRPCStatus(.job(.jobNotFound(selector: "web"))))
        #expect(missing.resource?.resourceType == "cmdctl.v1.Job")
        #expect(missing.resource?.resourceName == "web")
        #expect(missing.retry == nil)
        let draining = try Details(GRPCStatus(.job(.draining)))
        #expect(draining.retry?.retryDelay.seconds == 2)
    }

    @Test func `a request full of mistakes is answered in a few kilobytes`() throws {
        let long = String(repeating: "é", count: 10_000)
        let problems = (0..<100_000).map { SpecificationProblem(field: "\($0)", sentence: long) }
        let errors: [CallError] = [
            .job(.invalidSpecification(problems)), .job(.invalidUpdate(problems)),
            .job(.jobNotFound(selector: long)),
            .job(.jobAmbiguous(selector: long, matches: [long])), .unknownService(long),
            .badRequest([FieldViolation(field: long, description: long)]),
        ]
        for error in errors {
            let status = GRPCStatus(error)
            let encodedMessage = 3 * status.message.utf8.count
            let encodedDetails = (status.details?.count ?? 0) * 4 / 3
            #expect(encodedMessage + encodedDetails < 8192)
        }
    }

    @Test func `the page of errors lists exactly the errors there are`() throws {
        let listed = Set(try ErrorsPage().rows)
        let answered = Set(
            try Self.samples().map { sample in
                ErrorsPage.Row(reason: sample.2, code: sample.1)
            })
        #expect(listed == answered)
    }
}

/// The details of a failed call, as a client unpacks them.
struct Details {
    let status: Google_Rpc_Status
    let info: Google_Rpc_ErrorInfo

    init(_ failed: GRPCStatus) throws {
        status = try Google_Rpc_Status(serializedBytes: try #require(failed.details))
        let first = try #require(status.details.first)
        info = try Google_Rpc_ErrorInfo(unpackingAny: first)
    }

    var badRequest: Google_Rpc_BadRequest? { unpacked() }
    var resource: Google_Rpc_ResourceInfo? { unpacked() }
    var retry: Google_Rpc_RetryInfo? { unpacked() }

    private func unpacked<Message: SwiftProtobuf.Message>() -> Message? {
        status.details.lazy.compactMap { try? Message(unpackingAny: $0) }.first
    }
}
