import Glibc
import Jobs
import Reactor
import Testing

/// What becomes of jobs, with real shims: each row of the table of outcomes.
@Suite(.timeLimit(.minutes(10))) struct JobOutcomeTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let line: String
        let outcome: JobOutcome
        let status: Jobs.ExitStatus
    }

    static let unasked = [
        Row(
            testDescription: "exits with 0", line: "exit 0", outcome: .succeeded,
            status: .exited(code: 0)),
        Row(
            testDescription: "exits with 7", line: "exit 7", outcome: .failed,
            status: .exited(code: 7)),
        Row(
            testDescription: "crashes", line: "kill -SEGV $$", outcome: .failed,
            status: .signaled(number: SIGSEGV)),
        Row(
            testDescription: "leaves a child behind", line: "sleep 100 & echo hi; exit 3",
            outcome: .failed, status: .exited(code: 3)),
    ]

    @Test(arguments: unasked) func `nobody asks anything`(row: Row) throws {
        let bench = try Workbench()
        let job = try bench.start(shell: row.line)
        try bench.waitForEnd(of: job)
        #expect(job.state == .exited)
        #expect(job.outcome == row.outcome)
        #expect(job.exitStatus == row.status)
        #expect(job.usage != nil)
        #expect(job.createdAt <= job.startedAt ?? job.createdAt)
        #expect(job.startedAt ?? job.createdAt <= job.endedAt ?? job.createdAt)
        #expect(bench.supervisor.liveJobCount == 0)
    }

    /// A job that says when its traps are set, so that no signal comes too early.
    private func startReady(_ bench: Workbench, _ line: String) throws -> Job {
        let job = try bench.start(shell: line)
        let output = FollowedOutput(
            try bench.supervisor.follow(job, from: .beginning, untilEnd: true))
        try bench.turn { output.text.hasPrefix("ready") }
        output.close()
        return job
    }

    @Test func `a stop within the grace`() throws {
        let bench = try Workbench()
        let job = try startReady(
            bench, "trap 'exit 4' TERM; echo ready; while :; do sleep 0.01; done")
        #expect(try bench.stop(job, grace: .seconds(60)).get() === job)
        #expect(job.outcome == .stopped)
        #expect(job.exitStatus == .exited(code: 4))
    }

    @Test func `a stop whose signal is deadly`() throws {
        let bench = try Workbench()
        let job = try bench.start(JobSpecification(command: .program("sleep", arguments: ["100"])))
        _ = try bench.stop(job, grace: .seconds(60)).get()
        #expect(job.outcome == .stopped)
        #expect(job.exitStatus == .signaled(number: SIGTERM))
    }

    @Test(arguments: [Duration.zero, .milliseconds(20)])
    func `a stop whose grace is over`(grace: Duration) throws {
        let bench = try Workbench()
        let job = try startReady(bench, "trap '' TERM; echo ready; while :; do sleep 0.01; done")
        _ = try bench.stop(job, grace: grace).get()
        #expect(job.outcome == .killed)
        #expect(job.exitStatus == .signaled(number: SIGKILL))
    }

    @Test func `a second stop waits for the first, and is then too late`() throws {
        let bench = try Workbench()
        let job = try startReady(bench, "trap '' TERM; echo ready; while :; do sleep 0.01; done")
        var answers: [Result<Job, JobError>] = []
        bench.supervisor.stop(job, signal: SIGTERM, grace: .milliseconds(50)) { answers.append($0) }
        #expect(job.state == .stopping)
        bench.supervisor.stop(job, signal: SIGTERM, grace: .zero) { answers.append($0) }
        #expect(answers.isEmpty)
        try bench.turn { answers.count == 2 }
        #expect(try answers[0].get() === job)
        #expect(throws: JobError.jobAlreadyEnded(job.id)) { try answers[1].get() }
        #expect(throws: JobError.jobAlreadyEnded(job.id)) {
            try bench.stop(job, grace: .zero).get()
        }
    }

    @Test func `a stop that nobody waits for any more goes on`() throws {
        let bench = try Workbench()
        let job = try bench.start(JobSpecification(command: .program("sleep", arguments: ["100"])))
        var wasTold = false
        let waiter = bench.supervisor.stop(job, signal: SIGTERM, grace: .seconds(60)) { _ in
            wasTold = true
        }
        bench.supervisor.cancel(waiter)
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .stopped)
        #expect(!wasTold)
    }

    @Test func `a stop while starting waits for the start`() throws {
        let bench = try Workbench()
        var started: Result<Job, JobError>?
        var stopped: Result<Job, JobError>?
        let sleep = JobSpecification(command: .program("sleep", arguments: ["100"]))
        let job = try bench.beginToStart(sleep) { started = $0 }
        #expect(job.state == .starting)
        bench.supervisor.stop(job, signal: SIGTERM, grace: .zero) { stopped = $0 }
        try bench.turn { started != nil && stopped != nil }
        #expect(try started?.get() === job)
        #expect(job.outcome == .killed)
    }

    @Test func `a deadly signal that was asked for`() throws {
        let bench = try Workbench()
        let job = try bench.start(JobSpecification(command: .program("sleep", arguments: ["100"])))
        _ = try bench.signal(job, SIGINT).get()
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .killed)
        #expect(job.exitStatus == .signaled(number: SIGINT))
        let late = try bench.signal(job, SIGINT)
        #expect(throws: JobError.jobAlreadyEnded(job.id)) { try late.get() }
    }

    @Test func `a signal for a job that is starting is held`() throws {
        let bench = try Workbench()
        let sleep = JobSpecification(command: .program("sleep", arguments: ["100"]))
        let job = try bench.beginToStart(sleep)
        _ = try bench.signal(job, SIGINT).get()
        try bench.waitForEnd(of: job)
        #expect(job.exitStatus == .signaled(number: SIGINT))
    }

    @Test(arguments: [0, -1, 65] as [Int32]) func `no signal`(number: Int32) throws {
        let bench = try Workbench()
        let job = try bench.start(JobSpecification(command: .program("sleep", arguments: ["100"])))
        let signal = #expect(throws: JobError.self) {
            try bench.signal(job, number).get()
        }
        #expect(signal?.reason == "INVALID_REQUEST")
        let stop = #expect(throws: JobError.self) {
            try bench.stop(job, signal: number, grace: .zero).get()
        }
        #expect(stop?.reason == "INVALID_REQUEST")
        #expect(job.state == .running)
        _ = try bench.stop(job, grace: .zero).get()
    }

    @Test func `a shim that was killed is a lost job`() throws {
        let bench = try Workbench()
        let job = try startReady(bench, "echo ready; sleep 100")
        try bench.killShim(of: job)
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .lost)
        #expect(job.exitStatus == .unknown)
        #expect(job.usage == nil)
        #expect(job.statusMessage.contains("nobody can know"))
        #expect(try bench.output(of: job).text == "ready\n")
        try bench.settle()
    }

    @Test func `stopping all jobs, and starting none any more`() throws {
        let bench = try Workbench()
        let sleep = JobSpecification(command: .program("sleep", arguments: ["100"]))
        let jobs = try (1...3).map { _ in try bench.start(sleep) }
        var isDone = false
        bench.supervisor.stopAll(grace: .seconds(60)) { isDone = true }
        #expect(try bench.tryToStart(sleep) == .draining)
        try bench.turn { isDone }
        #expect(jobs.allSatisfy { $0.outcome == .stopped })
        var isDoneAgain = false
        bench.supervisor.stopAll(grace: .zero) { isDoneAgain = true }
        #expect(isDoneAgain)
    }
}

extension Result<Job, JobError> {
    /// Whether it is that error.
    static func == (result: Self, error: JobError) -> Bool {
        guard case .failure(error) = result else { return false }
        return true
    }
}
