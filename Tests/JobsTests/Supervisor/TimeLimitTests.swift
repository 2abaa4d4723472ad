import Glibc
import Jobs
import Reactor
import Testing

/// Jobs whose time is over, with real shims.
@Suite(.timeLimit(.minutes(10))) struct TimeLimitTests {
    private static let limit = Duration.milliseconds(100)

    private func specification(_ line: String, _ timeout: Duration?) -> JobSpecification {
        JobSpecification(command: .shell(line), timeout: timeout)
    }

    private func duration(of job: Job) throws -> Duration {
        let (start, end) = (try #require(job.startedAt), try #require(job.endedAt))
        return .nanoseconds(end.nanoseconds - start.nanoseconds)
    }

    @Test(arguments: [
        ("exec sleep 1000", Jobs.ExitStatus.signaled(number: SIGTERM)),
        ("trap 'exit 4' TERM; while :; do sleep 0.01; done", .exited(code: 4)),
        ("trap 'exit 0' TERM; while :; do sleep 0.01; done", .exited(code: 0)),
    ])
    func `a job is asked to end when its time is over`(
        line: String, status: Jobs.ExitStatus
    ) throws {
        let bench = try Workbench()
        // A shell needs a moment until its trap is set.
        let limit = Duration.seconds(1)
        let job = try bench.start(specification(line, limit))
        #expect(job.timeout == limit)
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .timedOut)
        #expect(job.exitStatus == status)
        #expect(try duration(of: job) >= limit)
    }

    @Test func `one that ends in time does not notice`() throws {
        let bench = try Workbench()
        let job = try bench.start(specification("exit 3", .seconds(3600)))
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .failed)
        try bench.settle()
    }

    @Test func `whoever asks first decides why it is stopped`() throws {
        let bench = try Workbench()
        let job = try bench.start(specification("exec sleep 1000", .seconds(3600)))
        #expect(try bench.stop(job, grace: .seconds(60)).get() === job)
        #expect(job.outcome == .stopped)
    }

    @Test func `its time goes on while another supervisor takes over`() throws {
        let bench = try Workbench()
        let before = try bench.start(specification("exec sleep 1000", Self.limit))
        try bench.restart()
        let job = try bench.now(before)
        #expect(job.timeout == Self.limit)
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .timedOut)
        // And that is what is on record.
        try bench.settle()
        try bench.restart()
        #expect(try bench.now(before).outcome == .timedOut)
        #expect(try bench.now(before).exitStatus == .signaled(number: SIGTERM))
    }

    struct Row: Sendable {
        let asked, byDefault, most, effective: Int?
    }

    @Test(arguments: [
        Row(asked: nil, byDefault: nil, most: nil, effective: nil),
        Row(asked: 5, byDefault: nil, most: nil, effective: 5),
        Row(asked: nil, byDefault: 3, most: nil, effective: 3),
        Row(asked: 5, byDefault: 3, most: nil, effective: 5),
        Row(asked: 5, byDefault: nil, most: 4, effective: 4),
        Row(asked: 3, byDefault: nil, most: 4, effective: 3),
        Row(asked: nil, byDefault: nil, most: 4, effective: 4),
        Row(asked: nil, byDefault: 9, most: 4, effective: 4),
    ])
    func `the least of what is asked and what is granted counts`(row: Row) throws {
        let bench = try Workbench()
        let terms = StartTerms(
            timeoutDefault: row.byDefault.map { .seconds($0 * 100) },
            timeoutMax: row.most.map { .seconds($0 * 100) })
        let asked = specification("true", row.asked.map { .seconds($0 * 100) })
        let job = try bench.tryToStart(asked, terms: terms).get()
        #expect(job.timeout == row.effective.map { .seconds($0 * 100) })
        try bench.waitForEnd(of: job)
    }
}
