import Glibc
import Reactor
import Testing

@testable import Jobs

/// Jobs that stand still, on the real kernel where it has a version 2 hierarchy to write to.
@Suite(.timeLimit(.minutes(10)))
struct PausedJobTests {
    /// A host without a group to freeze says so, and there is no more to see there.
    private func isPaused(_ job: Job, in bench: Workbench) throws -> Bool {
        let answer = try bench.pause(job)
        if HostFacts(of: bench.reactor.kernel).controlGroup == nil {
            #expect(throws: JobError.pauseUnavailable) { try answer.get() }
            return false
        }
        #expect(try answer.get().state == .paused)
        return true
    }

    @Test func `a paused job does nothing, in any life of the supervisor, until it is resumed`()
        throws
    {
        let bench = try Workbench()
        var job = try bench.start(gated: "read line < gate; echo went on; sleep 1000")
        guard try isPaused(job, in: bench) else { return }
        try bench.restart()
        job = try bench.now(job)
        #expect(job.state == .paused)
        try bench.openGate()
        _ = try bench.resume(job).get()
        #expect(job.state == .running)
        try bench.waitForOutput("went on\n", of: job)
    }

    @Test(arguments: [Duration.zero, .seconds(60)])
    func `a paused job is stopped`(grace: Duration) throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "sleep 1000")
        guard try isPaused(job, in: bench) else { return }
        _ = try bench.stop(job, grace: grace).get()
        #expect(job.outcome == (grace == .zero ? .killed : .stopped))
        #expect(try bench.processes(of: job).isEmpty)
    }

    @Test func `a paused job is killed by a signal`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "sleep 1000")
        guard try isPaused(job, in: bench) else { return }
        _ = try bench.signal(job, SIGKILL).get()
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .killed)
    }
}

extension Workbench {
    fileprivate func pause(_ job: Job) throws -> Result<Job, JobError> {
        var answer: Result<Job, JobError>?
        supervisor.pause(job) { answer = $0 }
        try turn { answer != nil }
        return try #require(answer)
    }

    fileprivate func resume(_ job: Job) throws -> Result<Job, JobError> {
        var answer: Result<Job, JobError>?
        supervisor.resume(job) { answer = $0 }
        try turn { answer != nil }
        return try #require(answer)
    }
}
