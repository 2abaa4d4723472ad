import Jobs
import Reactor
import Testing

/// Who is told which jobs use an image.
@Suite struct ImageUsersTests {
    /// Waits as long as the host is busy with another job.
    private func record(_ number: UInt64, image: String?) -> JobRecord {
        var record = JobRecord(
            id: Specimen.id(number), owner: Workbench.alice.tenant,
            order: JobOrder(
                JobSpecification(
                    command: .shell("true"), isolation: image == nil ? .host : .image,
                    image: image)),
            createdAt: Timestamp(nanoseconds: Int64(number)), bootID: "this boot")
        record.queueing = .waiting
        return record
    }

    @Test func `jobs are counted for those who may see them`() throws {
        let bench = try SimulatedBench(
            quota: StartQuota(running: 1),
            recorded: [record(1, image: nil), record(2, image: "base")])
        #expect(try bench.recover().map(\.state) == [.queued, .running])
        #expect(bench.supervisor.jobCountsByImage(for: Workbench.alice) == ["base": 1])
        #expect(bench.supervisor.jobCountsByImage(for: Workbench.bob) == [:])
        #expect(bench.supervisor.jobCountsByImage(for: Workbench.admin) == ["base": 1])
    }
}
