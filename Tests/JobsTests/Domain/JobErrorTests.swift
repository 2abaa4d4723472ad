import Glibc
import Reactor
import ShimProtocol
import Testing

@testable import Jobs

/// Errors in words: a stable reason, and a sentence that says what, why and what to do.
@Suite struct JobErrorTests {
    static let all: [(JobError, reason: String)] = [
        (.jobNotFound(selector: "x"), "JOB_NOT_FOUND"),
        (.jobAmbiguous(selector: "x", matches: ["a", "b"]), "JOB_AMBIGUOUS"),
        (.jobAlreadyEnded(Specimen.id(1)), "JOB_ALREADY_ENDED"),
        (.jobStillRunning(Specimen.id(1)), "JOB_STILL_RUNNING"),
        (.nameTaken(name: "web", by: Specimen.id(1)), "JOB_NAME_TAKEN"),
        (
            .invalidSpecification([SpecificationProblem(field: "name", sentence: "No.")]),
            "INVALID_SPEC"
        ),
        (
            .invalidRequest(SpecificationProblem(field: "signal", sentence: "No.")),
            "INVALID_REQUEST"
        ),
        (
            .limitUnavailable([MissingController(field: "limits.io", controller: "io")]),
            "LIMIT_UNAVAILABLE"
        ),
        (.limitRefused(file: "cpu.max", problem: "no"), "LIMIT_REFUSED"),
        (.jobNotRunning(Specimen.id(1), .starting), "JOB_NOT_RUNNING"),
        (.pauseUnavailable, "PAUSE_UNAVAILABLE"),
        (.pauseFailed(Specimen.id(1)), "PAUSE_FAILED"),
        (.resumeFailed(Specimen.id(1), problem: "out of memory"), "RESUME_FAILED"),
        (
            .invalidUpdate([SpecificationProblem(field: "clear", sentence: "No.")]),
            "INVALID_REQUEST"
        ),
        (.requestIDReused(requestID: "r"), "REQUEST_ID_REUSED"),
        (.jobDeleted(Specimen.id(1), requestID: "r"), "JOB_DELETED"),
        (.offsetOutOfRange(offset: 2, size: 1), "OFFSET_OUT_OF_RANGE"),
        (.queueFull(.tenant, max: 3), "QUEUE_FULL"),
        (.queueFull(.server, max: 3), "QUEUE_FULL"),
        (.queueTooLarge(.tenant, bytesMax: 16 << 20), "QUEUE_FULL"),
        (
            .rateLimited(
                .tenant, StartRate(interval: .milliseconds(1500), burst: 2), wait: .nanoseconds(1)),
            "RATE_LIMITED"
        ),
        (.quotaTooSmall(.server, .memory, asked: nil, max: 5), "QUOTA_EXCEEDED"),
        (.quotaTooSmall(.tenant, .cpu, asked: 9, max: 5), "QUOTA_EXCEEDED"),
        (.quotaTooSmall(.tenant, .running, asked: 1, max: 0), "QUOTA_EXCEEDED"),
        (.quotaUsedUp(.tenant, .memory, asked: 9, free: 5), "QUOTA_EXCEEDED"),
        (.quotaUsedUp(.server, .cpu, asked: 9, free: 0), "QUOTA_EXCEEDED"),
        (.draining, "SERVER_DRAINING"),
        (.stateDirectoryInUse(path: "/s", holder: 7), "STORAGE_UNAVAILABLE"),
        (.storageUnavailable(path: "/s", problem: "it is full"), "STORAGE_UNAVAILABLE"),
        (JobError(.full(problem: "it is full")), "STORAGE_FULL"),
        (JobError(.unavailable(problem: "it is gone")), "STORAGE_UNAVAILABLE"),
        (JobError(.unreadable(problem: "it is torn")), "STORAGE_UNAVAILABLE"),
    ]

    @Test func `every error has its reason and a whole sentence`() {
        for (error, reason) in Self.all {
            #expect(error.reason == reason)
            #expect(error.sentence.hasSuffix("."), "\(error.sentence)")
        }
    }

    @Test(arguments: [
        (
            JobError.quotaTooSmall(.tenant, .memory, asked: 8 << 30, max: 1536 << 20),
            "The job asks for 8 GiB of memory, and all your jobs together may have 1536 MiB of memory."
        ),
        (
            .quotaTooSmall(.server, .cpu, asked: 4000, max: 1505),
            "The job asks for 400% of a processor, and all jobs of the server together may have "
                + "150.5% of a processor."
        ),
        (.queueFull(.tenant, max: 3), "You have 3 jobs that wait to be started, as many as there"),
        (.queueTooLarge(.tenant, bytesMax: 16 << 20), "Your jobs that wait may take 16 MiB"),
    ])
    func `amounts are told as people write them`(error: JobError, beginning: String) {
        #expect(error.sentence.hasPrefix(beginning), "\(error.sentence)")
    }

    @Test func `text from outside cannot forge a line or flood it`() {
        let selector = "a\nb\u{1B}" + String(repeating: "x", count: 999)
        let sentence = JobError.jobNotFound(selector: selector).sentence
        #expect(!sentence.contains("\n"))
        #expect(!sentence.contains("\u{1B}"))
        #expect(sentence.count < 250)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let stage: StartStage
        let number: Int32
        let reason: String
        let words: [String]
        var testDescription: String { "\(stage), \(Errno(rawValue: number).name)" }
    }

    static let failures = [
        Row(
            stage: .execute, number: ENOENT, reason: "PROGRAM_NOT_FOUND", words: ["'frob'", "PATH"]),
        Row(stage: .execute, number: ENOTDIR, reason: "PROGRAM_NOT_FOUND", words: ["'frob'"]),
        Row(
            stage: .execute, number: EACCES, reason: "PROGRAM_NOT_EXECUTABLE",
            words: ["'frob'", "Permission denied"]),
        Row(stage: .execute, number: ENOEXEC, reason: "PROGRAM_NOT_EXECUTABLE", words: ["format"]),
        Row(stage: .execute, number: E2BIG, reason: "ARGUMENTS_TOO_LONG", words: ["arguments"]),
        Row(stage: .execute, number: ENOMEM, reason: "START_FAILED", words: ["memory"]),
        Row(
            stage: .workingDirectory, number: EACCES, reason: "WORKING_DIRECTORY_UNUSABLE",
            words: ["'/nowhere'", "Permission denied"]),
        Row(stage: .files, number: ENOSPC, reason: "STORAGE_FULL", words: ["No space left"]),
        Row(stage: .files, number: EIO, reason: "START_FAILED", words: ["log and index"]),
        Row(stage: .plan, number: 0, reason: "START_FAILED", words: ["detail"]),
        Row(stage: .namespaces, number: EPERM, reason: "START_FAILED", words: ["namespaces"]),
    ]

    @Test(arguments: failures) func `a failed start names its cause`(row: Row) {
        let specification = JobSpecification(
            command: .program("frob", arguments: []), workingDirectory: "/nowhere")
        let failure = StartFailure(
            row.stage, errorNumber: row.number, detail: "detail", specification: specification)
        #expect(failure.errorNumber == row.number)
        #expect(JobError.startFailed(Specimen.id(1), failure).reason == row.reason)
        for word in row.words { #expect(failure.sentence.contains(word), "\(failure.sentence)") }
    }

    @Test func `too long an argument is named`() {
        let argument = String(repeating: "a", count: 1 << 20)
        let failure = StartFailure(
            .execute, errorNumber: E2BIG, detail: "",
            specification: JobSpecification(command: .program("true", arguments: ["b", argument])))
        #expect(failure.sentence.contains("argument 2 has 1048576 bytes"), "\(failure.sentence)")
        #expect(failure.sentence.contains("131071"))
    }

    @Test func `messages tell what the outcome does not`() {
        let job = Specimen.job(1)
        #expect(job.statusMessage.isEmpty)
        job.endAsSpecimen(nil)
        #expect(job.statusMessage.contains("nobody can know"))
        job.droppedBytes = 12
        #expect(job.statusMessage.contains("12 bytes"))
    }
}
