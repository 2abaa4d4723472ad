import Jobs
import JobsAPI
import SwiftProtobuf
import Transport

/// What a failed call is answered with, before it is bytes.
struct ErrorAnswer {
    let code: GRPCStatusCode
    /// Stable, for programs; docs/ERRORS.md lists them all.
    let reason: String
    /// What, why, and what to do.
    let sentence: String
    /// The particulars, for programs.
    var metadata: [String: String] = [:]
    /// What is wrong with the request's fields.
    var violations: [FieldViolation] = []
    /// The job the error is about, as the caller named it.
    var job: String?
    /// Which quota does not suffice.
    var quota: QuotaViolation?
    /// When trying again is worth it.
    var retryDelay: Duration?
}

extension ErrorAnswer {
    /// Who gives ``reason`` its meaning.
    static let domain = "cmdctl"

    /// Has an answer for every error; a new case fails the build until somebody decides.
    init(_ error: CallError) {
        switch error {
        case .job(let error):
            self.init(error)
        case .malformedRequest:
            self = .invalidRequest("The request is not the message this method takes.")
        case .notOneMessage(let count):
            // gRPC's own answer: there is no method of that name and that shape.
            self.init(
                code: .unimplemented, reason: "METHOD_UNKNOWN",
                sentence: "This method takes one request message, not \(count).")
        case .badRequest(let violations):
            self = .invalidRequest(
                violations.map { "\($0.field): \($0.description)" }.joined(separator: " "))
            self.violations = violations
        case .unknownMethod(let method):
            self.init(
                code: .unimplemented, reason: "METHOD_UNKNOWN",
                sentence: "This server has no such method. It may be older than the client; "
                    + "ask it for its version.",
                metadata: ["method": method])
        case .identityRefused(let refusal):
            self.init(
                code: .unauthenticated, reason: "IDENTITY_REFUSED",
                sentence: "Your certificate \(refusal.problem), so the server cannot tell whose "
                    + "jobs are yours. Get one with exactly one common name.")
        case .adminRequired:
            self.init(
                code: .permissionDenied, reason: "ADMIN_REQUIRED",
                sentence: "Only admins may do this. Use a certificate whose organization is admin.")
        case .unknownService(let service):
            self.init(
                code: .notFound, reason: "SERVICE_UNKNOWN",
                sentence: "This server has no service of that name. List the services to see all.",
                metadata: ["service": service])
        case .tooManyQuestions:
            self.init(
                code: .resourceExhausted, reason: "TOO_MANY_REQUESTS",
                sentence: "Too many requests of this stream wait for their answers. "
                    + "Read answers before asking on.")
        case .transport(let status):
            self.init(status)
        case .internalFault:
            self.init(
                code: .internal, reason: "INTERNAL",
                sentence: "The server could not encode its answer. Please report it.")
        }
    }

    private init(_ error: JobError) {
        // A million problems would make a sentence of a hundred megabytes, to be cut again.
        let error = error.telling(atMost: Limits.errorViolationsMax)
        self.init(code: error.code, reason: error.reason, sentence: error.sentence)
        switch error {
        case .jobNotFound(let selector):
            job = selector
        case .jobAmbiguous(let selector, let matches):
            job = selector
            metadata = ["matches": matches.joined(separator: ",")]
        case .jobAlreadyEnded(let id), .jobStillRunning(let id), .jobNotRunning(let id, _),
            .pauseFailed(let id), .resumeFailed(let id, _):
            job = id.description
        case .nameTaken(let name, let id):
            job = id.description
            metadata = ["name": name]
        case .invalidSpecification(let problems):
            violations = problems.map { .init(field: "spec.\($0.field)", description: $0.sentence) }
        case .invalidRequest(let problem):
            violations = [FieldViolation(field: problem.field, description: problem.sentence)]
        case .invalidUpdate(let problems):
            violations = problems.map { .init(field: $0.field, description: $0.sentence) }
        case .limitRefused(let file, _):
            metadata = ["file": file]
        case .limitUnavailable(let missing):
            let controllers = Set(missing.map(\.controller)).sorted().joined(separator: ",")
            metadata = ["controllers": controllers]
        case .requestIDReused(let requestID):
            metadata = ["requestId": requestID]
        case .jobDeleted(let id, let requestID):
            job = id.description
            metadata = ["requestId": requestID]
        case .startFailed(let id, let failure):
            job = id.description
            metadata = ["stage": failure.stage.rawValue, "errno": "\(failure.errorNumber)"]
        case .offsetOutOfRange(let offset, let size):
            metadata = ["offset": "\(offset)", "size": "\(size)"]
        case .draining:
            retryDelay = Limits.retryDelayWhileDraining
        case .isolationUnavailable(let isolation, _):
            metadata = ["isolation": isolation.rawValue]
        case .image(let error):
            setImage(error)
        case .tooManyStarts, .outOfDescriptors, .outOfUserRanges, .outOfAddresses:
            retryDelay = Limits.retryDelayWhenOverloaded
        case .policyDenied(let denial):
            metadata = ["rule": denial.rule ?? "", "field": denial.subject.rawValue]
        case .queueFull, .queueTooLarge, .rateLimited, .quotaTooSmall, .quotaUsedUp:
            setQuota(error)
        case .stateDirectoryInUse, .storageUnavailable, .recordsFull, .recordsUnavailable,
            .recordsUnreadable, .pauseUnavailable, .networkUnavailable:
            break
        }
    }

    private mutating func setImage(_ error: ImageError) {
        switch error {
        case .notFound(let name, _), .exists(let name):
            metadata = ["image": name]
        case .inUse(let name, let jobs):
            metadata = [
                "image": name, "jobs": jobs.map(\.description).joined(separator: ","),
            ]
        case .tooManyImports:
            retryDelay = Limits.retryDelayWhenOverloaded
        default: break
        }
    }

    private mutating func setQuota(_ error: JobError) {
        switch error {
        case .queueFull(let holder, _), .queueTooLarge(let holder, _):
            quota = QuotaViolation(holder, "queued", error)
            retryDelay = Limits.retryDelayWhenOverloaded
        case .rateLimited(let holder, _, let wait):
            quota = QuotaViolation(holder, "rate", error)
            retryDelay = wait
        case .quotaTooSmall(let holder, let resource, _, _):
            quota = QuotaViolation(holder, resource.rawValue, error)
        case .quotaUsedUp(let holder, let resource, _, _):
            quota = QuotaViolation(holder, resource.rawValue, error)
            retryDelay = Limits.retryDelayWhenOverloaded
        default: break
        }
    }

    /// The transport ends calls by itself: at their deadlines, and at its limits.
    private init(_ status: GRPCStatus) {
        let sentence = "The call was ended: \(status.message)."
        switch status.code {
        case .deadlineExceeded:
            self.init(
                code: status.code, reason: "DEADLINE_EXCEEDED",
                sentence: "The time for this call is over; what it asked for may still happen. "
                    + "Look at the job, or allow more time.")
        case .resourceExhausted:
            self.init(code: status.code, reason: "REQUEST_TOO_LARGE", sentence: sentence)
        default:
            self.init(code: status.code, reason: "MALFORMED_CALL", sentence: sentence)
        }
    }

    private static func invalidRequest(_ sentence: String) -> ErrorAnswer {
        ErrorAnswer(code: .invalidArgument, reason: "INVALID_REQUEST", sentence: sentence)
    }
}

extension JobError {
    /// The gRPC code of an error, by the meaning of the code: INVALID_ARGUMENT is wrong whatever
    /// the server's state, FAILED_PRECONDITION may be right after something else was done.
    fileprivate var code: GRPCStatusCode {
        switch self {
        case .jobNotFound: .notFound
        case .jobAmbiguous, .invalidSpecification, .invalidRequest, .invalidUpdate: .invalidArgument
        case .jobAlreadyEnded, .jobStillRunning, .jobDeleted, .limitUnavailable, .jobNotRunning,
            .pauseUnavailable, .pauseFailed, .resumeFailed, .limitRefused,
            .isolationUnavailable, .networkUnavailable:
            .failedPrecondition
        case .nameTaken, .requestIDReused: .alreadyExists
        case .startFailed(_, let failure):
            failure.cause.isExhaustion ? .resourceExhausted : .failedPrecondition
        case .offsetOutOfRange: .outOfRange
        case .policyDenied: .permissionDenied
        case .recordsFull, .tooManyStarts, .outOfDescriptors, .outOfUserRanges, .outOfAddresses,
            .queueFull, .queueTooLarge, .rateLimited, .quotaTooSmall, .quotaUsedUp:
            .resourceExhausted
        case .image(let error): error.code
        case .draining, .stateDirectoryInUse, .storageUnavailable, .recordsUnavailable,
            .recordsUnreadable:
            .unavailable
        }
    }
}

extension ImageError {
    fileprivate var code: GRPCStatusCode {
        switch self {
        case .notFound: .notFound
        case .exists: .alreadyExists
        case .inUse, .unavailable: .failedPrecondition
        case .unusable: .invalidArgument
        case .tooLarge, .storageFull, .tooManyImports: .resourceExhausted
        case .stalled: .deadlineExceeded
        }
    }
}

extension StartFailure.Cause {
    /// Whether the server lacks something, which others may give back.
    fileprivate var isExhaustion: Bool {
        switch self {
        case .storageFull, .outOfDescriptors: true
        case .programNotFound, .programNotExecutable, .workingDirectoryUnusable,
            .argumentsTooLong, .other:
            false
        }
    }
}

/// A quota that does not suffice.
struct QuotaViolation {
    /// Whose it is and what of, as `tenant/running`.
    let subject: String
    let description: String

    init(_ holder: QuotaHolder, _ resource: String, _ error: JobError) {
        subject = "\(holder.rawValue)/\(resource)"
        description = error.sentence
    }
}

extension JobError {
    /// The same error with the first of its problems only.
    fileprivate func telling(atMost count: Int) -> JobError {
        switch self {
        case .invalidSpecification(let all): .invalidSpecification(Array(all.prefix(count)))
        case .invalidUpdate(let all): .invalidUpdate(Array(all.prefix(count)))
        default: self
        }
    }
}
