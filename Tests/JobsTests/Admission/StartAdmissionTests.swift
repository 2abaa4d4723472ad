import Testing

@testable import Jobs

/// What is refused before anything is made of it, so that what is there goes on.
struct StartAdmissionTests {
    private let small = JobSpecification(command: .program("true", arguments: []))
    private let idle = StartAdmission.Holdings(liveJobs: 0, openLogs: 0)

    @Test func `so many starts at once and no more`() throws {
        var limits = JobLimits()
        limits.startsAtOnce = 2
        var admission = StartAdmission(limits: limits)
        admission.began(small.byteCount)
        try admission.check(small, beside: idle)
        admission.began(small.byteCount)
        #expect(throws: JobError.tooManyStarts) { try admission.check(small, beside: idle) }
        admission.ended(small.byteCount)
        try admission.check(small, beside: idle)
    }

    @Test func `large specifications are fewer at once`() throws {
        var limits = JobLimits()
        limits.specificationBytesAtOnce = 2500
        var admission = StartAdmission(limits: limits)
        var large = small
        large.environment["DATA"] = String(repeating: "x", count: 1000)
        admission.began(large.byteCount)
        try admission.check(large, beside: idle)
        admission.began(large.byteCount)
        #expect(throws: JobError.tooManyStarts) { try admission.check(large, beside: idle) }
        try admission.check(small, beside: idle)
        admission.ended(large.byteCount)
        try admission.check(large, beside: idle)
    }

    /// A start takes 8 + 1 of them, a live job 1, a log 2; 4 are kept.
    @Test(arguments: [
        (live: 0, logs: 0, descriptors: 13, admitted: true),
        (live: 0, logs: 0, descriptors: 12, admitted: false),
        (live: 3, logs: 2, descriptors: 20, admitted: true),
        (live: 4, logs: 2, descriptors: 20, admitted: false),
        (live: 3, logs: 3, descriptors: 20, admitted: false),
    ])
    func `a start leaves descriptors for what is there`(
        live: Int, logs: Int, descriptors: Int, admitted: Bool
    ) {
        var limits = JobLimits()
        limits.descriptors = descriptors
        let admission = StartAdmission(limits: limits)
        let held = StartAdmission.Holdings(liveJobs: live, openLogs: logs)
        let answer = Result { () throws(JobError) in try admission.check(small, beside: held) }
        #expect(answer.failure == (admitted ? nil : .outOfDescriptors))
    }

    @Test func `logs may have what starts may not`() throws {
        var limits = JobLimits()
        limits.descriptors = 10
        let admission = StartAdmission(limits: limits)
        let full = StartAdmission.Holdings(liveJobs: 4, openLogs: 2)
        try admission.checkLog(beside: full)
        let fuller = StartAdmission.Holdings(liveJobs: 4, openLogs: 3)
        #expect(throws: JobError.outOfDescriptors) { try admission.checkLog(beside: fuller) }
    }

    @Test func `an image that comes in leaves descriptors as a start does, and holds them`() throws
    {
        var limits = JobLimits()
        limits.descriptors = 8 + limits.descriptorsForFollowers
        let admission = StartAdmission(limits: limits)
        try admission.checkImport(beside: idle)
        let one = StartAdmission.Holdings(liveJobs: 1, openLogs: 0)
        #expect(throws: JobError.outOfDescriptors) { try admission.checkImport(beside: one) }
        let importing = StartAdmission.Holdings(liveJobs: 0, openLogs: 0, imports: 1)
        #expect(throws: JobError.outOfDescriptors) { try admission.check(small, beside: importing) }
    }

    @Test func `a log does not take what a start under way is about to open`() throws {
        var limits = JobLimits()
        limits.descriptors = 9
        var admission = StartAdmission(limits: limits)
        let held = StartAdmission.Holdings(liveJobs: 1, openLogs: 0)
        admission.began(small.byteCount)
        #expect(throws: JobError.outOfDescriptors) { try admission.checkLog(beside: held) }
        admission.ended(small.byteCount)
        try admission.checkLog(beside: held)
    }
}

extension Result {
    /// The error, if it is one.
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
