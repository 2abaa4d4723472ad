import Foundation
import ShimProtocol
import Testing

/// What was written once can be read for ever: the files in Tests/Formats are never changed, only
/// added to, one folder for each version.
struct StoredFormatsTests {
    private static let time: Int64 = 1_790_000_000_000_000_000

    private func stored(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "../Formats/1/\(name)")))
    }

    private func records(of index: [UInt8]) -> [IndexRecord?] {
        stride(from: IndexHeader.size, to: index.count, by: IndexRecord.size)
            .map { IndexRecord(decoding: Array(index[$0..<$0 + IndexRecord.size])) }
    }

    @Test(arguments: ["ended.idx", "never-ran.idx"] + ends.map(\.file))
    func `the header of an index of version 1`(name: String) throws {
        let expected = IndexHeader(
            jobID: Array(1...16), head: 4096, createdNanoseconds: Self.time, shimPID: 4711)
        #expect(try IndexHeader(decoding: stored(name)) == expected)
    }

    @Test func `the records of a job that was killed`() throws {
        let end = EndRecord(
            how: .signaled(number: 9), killedByShim: true, stopRequested: true,
            signalRequested: false, outputSize: 20, timeNanoseconds: Self.time + 5,
            userCPUMicroseconds: 1000, systemCPUMicroseconds: 2000, maxResidentBytes: 3 << 20,
            droppedBytes: 100, isLogSynchronized: false)
        let expected: [IndexRecord?] = [
            .started(timeNanoseconds: Self.time, shimPID: 4711, leaderPID: 4712),
            .run(offset: 0, timeNanoseconds: Self.time + 1, stream: .stdout),
            .run(offset: 5, timeNanoseconds: Self.time + 2, stream: .stderr),
            .gap(
                offset: 9, timeNanoseconds: Self.time + 3, droppedBytes: 100, reason: .noSpace),
            .run(offset: 9, timeNanoseconds: Self.time + 4, stream: .stdout),
            .end(end),
        ]
        #expect(records(of: try stored("ended.idx")) == expected)
    }

    @Test func `the record of a job that never ran`() throws {
        let record = NeverRanRecord(
            stage: .execute, errno: 2, timeNanoseconds: Self.time + 1, detail: "/no/such/program")
        #expect(records(of: try stored("never-ran.idx")) == [.neverRan(record)])
    }

    @Test func `a plan`() throws {
        let plan = ShimPlan(
            jobID: Array(1...16), program: "sleep", arguments: ["1", "ü"],
            environment: [ShimPlan.Variable(name: "PATH", value: "/bin")],
            workingDirectory: "/tmp", mergeOutput: true, makePIDNamespace: true,
            cgroupDirectory: "/sys/fs/cgroup/job")
        #expect(try ShimPlan(decoding: stored("job.plan")) == plan)
    }

    @Test func `a plan with a sandbox`() throws {
        #expect(try ShimPlan(decoding: stored("confined.plan")) == ShimPlanTests.confined)
    }

    @Test func `plans of jobs with a limit, and of jobs that are users of the host`() throws {
        #expect(try ShimPlan(decoding: stored("limited.plan")) == ShimPlanTests.full)
        #expect(try ShimPlan(decoding: stored("as-user.plan")) == ShimPlanTests.asUser)
    }

    static let ends: [(file: String, end: EndRecord)] = [
        (
            "out-of-memory.idx",
            end(signal: 9) {
                ($0.wasOutOfMemory, $0.memoryPeakBytes) = (true, 64 << 20)
            }
        ),
        ("timed-out.idx", end(signal: 15) { ($0.stopRequested, $0.timedOut) = (true, true) }),
        (
            "log-limit.idx",
            end(signal: 9) {
                ($0.killedByShim, $0.killedByLogLimit, $0.droppedBytes) = (true, true, 7)
            }
        ),
    ]

    private static func end(signal: Int32, _ change: (inout EndRecord) -> Void) -> EndRecord {
        var end = EndRecord(
            how: .signaled(number: signal), killedByShim: false, stopRequested: false,
            signalRequested: false, outputSize: 4096, timeNanoseconds: time + 2,
            userCPUMicroseconds: 1000, systemCPUMicroseconds: 2000, maxResidentBytes: 3 << 20,
            droppedBytes: 0)
        change(&end)
        return end
    }

    @Test(arguments: ends)
    func `the record of an end that has a name`(file: String, end: EndRecord) throws {
        let expected: [IndexRecord?] = [
            .started(timeNanoseconds: Self.time, shimPID: 4711, leaderPID: 4712), .end(end),
        ]
        #expect(records(of: try stored(file)) == expected)
    }

    @Test func `reports`() throws {
        #expect(
            try StartReport(decoding: stored("started.report"))
                == .started(leaderPID: 4712, timeNanoseconds: Self.time))
        #expect(
            try StartReport(decoding: stored("failed.report"))
                == .failed(stage: .execute, errno: 2, detail: "/no/such/program"))
    }
}
