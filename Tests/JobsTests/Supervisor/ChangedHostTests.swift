import Netlink
import Reactor
import Simulator
import Testing

@testable import Jobs

/// Jobs that waited while the server or its host became others, on a machine in memory: what they
/// were promised is there, or they do not run.
///
/// The machine has no privileges and can shut nothing off.
@Suite struct ChangedHostTests {
    private func record(_ specification: JobSpecification) -> JobRecord {
        var record = JobRecord(
            id: Specimen.id(1), owner: SimulatedBench.viewer.tenant,
            order: JobOrder(specification), createdAt: Timestamp(nanoseconds: 1),
            bootID: "this boot")
        record.queueing = .waiting
        return record
    }

    private func recovered(_ record: JobRecord) throws -> Job {
        let bench = try SimulatedBench(recorded: [record])
        return try #require(try bench.recover().first)
    }

    private func specification(
        _ isolation: JobSpecification.Isolation, image: String? = nil,
        network: JobSpecification.Network? = nil
    ) -> JobSpecification {
        JobSpecification(
            command: .shell("true"), isolation: isolation, image: image, network: network)
    }

    @Test func `one has its group where groups are made when its turn comes`() throws {
        var record = record(specification(.host))
        record.controlGroup = "/sys/fs/cgroup/elsewhere/\(record.id)"
        let bench = try SimulatedBench(controllers: ["memory", "pids"], recorded: [record])
        let job = try #require(try bench.recover().first)
        #expect(try bench.text("job/cgroup.freeze", of: job) == "0")
        #expect(try bench.pause(job).get().state == .paused)
        #expect(bench.store.contents.jobs.first?.controlGroup == bench.group(of: job))
        try bench.stop(job)
        #expect(throws: Errno.noEntry) { try bench.text("memory.max", of: job) }
    }

    @Test func `one that needs nothing runs`() throws {
        let job = try recovered(record(specification(.host)))
        #expect(job.state == .running)
    }

    @Test func `one that was to be shut off does not run on the host`() throws {
        let job = try recovered(record(specification(.strict)))
        #expect(job.outcome == .startFailed)
        #expect(job.startFailure?.stage == .namespaces)
        #expect(job.statusMessage.contains("strict cannot be had"), "\(job.statusMessage)")
    }

    @Test func `one whose image is gone does not run`() throws {
        let job = try recovered(record(specification(.image, image: "base")))
        #expect(job.outcome == .startFailed, "\(job.statusMessage)")
    }

    @Test func `one whose network cannot be had does not run`() throws {
        var record = record(specification(.host, network: .private))
        record.networkAddress = IPv4Address(number: 0x0AD3_0002)
        let job = try recovered(record)
        #expect(job.outcome == .startFailed)
        #expect(job.statusMessage.contains("private network"), "\(job.statusMessage)")
    }
}
