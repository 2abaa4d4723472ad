import Jobs
import Reactor
import Simulator
import Testing

/// A shim that never says a word, on a simulated machine: the clock decides.
@Suite struct HangingStartTests {
    @Test func `a stop gives up a start that hangs`() throws {
        let bench = try SimulatedBench { _ in }
        #expect(try bench.start() == nil)
        let job = try #require(bench.jobs.first)
        var answer: Result<Job, JobError>?
        bench.supervisor.stop(job, signal: 15, grace: .seconds(1)) { answer = $0 }
        #expect(job.state == .stopping)
        try bench.machine.advance(by: .seconds(5))
        #expect(answer == nil, "its patience is not over")
        try bench.machine.advance(by: .seconds(2))
        #expect(try answer?.get() === job)
        #expect(job.outcome == .startFailed)
        #expect(bench.reactor.isIdle)
    }

    @Test func `a request that is repeated waits for the same start`() throws {
        let bench = try SimulatedBench { shim in
            shim.after(.seconds(1)) { $0.startJob() }
        }
        var answers = 0
        let specification = JobSpecification(command: .program("true", arguments: []))
        for _ in 1...2 {
            bench.supervisor.start(
                specification, owner: SimulatedBench.viewer, requestID: "r"
            ) { _ in answers += 1 }
            try bench.machine.advance(by: .milliseconds(100))
        }
        #expect(answers == 0)
        try bench.machine.advance(by: .seconds(1))
        #expect(answers == 2)
        #expect(bench.jobs.count == 1)
    }
}

extension SimulatedBench {
    fileprivate var jobs: [Job] {
        supervisor.list(JobFilter(), after: nil, limit: 10, for: SimulatedBench.viewer).jobs
    }
}
