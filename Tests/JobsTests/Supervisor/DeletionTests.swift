import Jobs
import Reactor
import ShimProtocol
import Simulator
import Testing

/// Deleting where nothing more can be put on record: it is what makes space.
///
/// The method is a job that ends after a second on a simulated machine whose records are full.
struct DeletionTests {
    private let bench: SimulatedBench
    private let job: Job

    init() throws {
        bench = try SimulatedBench { shim in
            shim.startJob()
            shim.after(.seconds(1)) { $0.endJob(.exited(code: 0)) }
        }
        job = try #require(try bench.start()).get()
    }

    @Test func `a job is deleted from a full disk, since that makes space`() throws {
        try bench.machine.advance(by: .seconds(2))
        var answer: Result<Void, JobError>?
        bench.machine.faults.recordsAreFull = true
        bench.machine.faults.commitDelayMax = .seconds(1)
        bench.supervisor.delete(job) { answer = $0 }
        for _ in 0..<1000 where try !files.isEmpty {
            try bench.machine.advance(by: .milliseconds(1))
        }
        #expect(try files.isEmpty)
        #expect(answer == nil, "it must not be told before it is on record")
        bench.machine.faults.recordsAreFull = false
        try bench.machine.advance(by: .seconds(2))
        #expect(throws: Never.self) { try answer?.get() }
        #expect(answer != nil)
        #expect(throws: JobError.self) { try find() }
    }

    @Test func `where that makes no space, it is told, and the job is there`() throws {
        try bench.machine.advance(by: .seconds(2))
        bench.machine.faults.recordsAreFull = true
        #expect(throws: full) { try delete() }
        #expect(try find().outcome == .succeeded)
        bench.machine.faults.recordsAreFull = false
        #expect(throws: Never.self) { try delete() }
    }

    /// Its index is all that tells how it ended.
    @Test func `a job whose end is not on record is not deleted to make space`() throws {
        bench.machine.faults.recordsAreFull = true
        try bench.machine.advance(by: .seconds(2))
        #expect(job.outcome == .succeeded)
        #expect(throws: full) { try delete() }
        #expect(try files.count == 2)
        bench.machine.faults.recordsAreFull = false
        try bench.machine.advance(by: .seconds(60))
        bench.machine.faults.recordsAreFull = true
        #expect(throws: full) { try delete() }
        #expect(try files.isEmpty)
    }

    private let full = JobError(RecordsError.full(problem: "the simulated disk is full"))

    private var files: [String] {
        get throws { try bench.reactor.kernel.list("/state/logs") }
    }

    private func find() throws -> Job {
        try bench.supervisor.job("\(job.id)", for: SimulatedBench.viewer)
    }

    private func delete() throws {
        var answer: Result<Void, JobError>?
        bench.supervisor.delete(job) { answer = $0 }
        try bench.machine.advance(by: .milliseconds(100))
        try #require(answer).get()
    }
}
