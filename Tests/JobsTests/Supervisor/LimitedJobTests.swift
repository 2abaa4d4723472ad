import Jobs
import Reactor
import ShimProtocol
import Simulator
import Testing

/// Jobs in control groups, on a hierarchy in memory: what is written, and what is answered.
@Suite struct LimitedJobTests {
    private static let all = ["cpu", "cpuset", "io", "memory", "pids"]

    @Test func `a job's limits stand in its group, and go with it`() throws {
        let bench = try SimulatedBench(controllers: Self.all)
        let job = try bench.start(ResourceLimits(memoryMax: 64 << 20, pidsMax: 10))
        #expect(job.limits == ResourceLimits(memoryMax: 64 << 20, pidsMax: 10))
        #expect(try bench.text("memory.max", of: job) == "\(64 << 20)")
        // The shim is in the group, too.
        #expect(try bench.text("pids.max", of: job) == "11")
        try bench.stop(job)
        #expect(throws: Errno.noEntry) { try bench.text("memory.max", of: job) }
    }

    @Test func `a limit without a controller refuses the job, unless best effort will do`() throws {
        let request = ResourceLimits(cpuMillis: 500, pidsMax: 10)
        let strict = try SimulatedBench(controllers: ["pids"])
        let missing = MissingController(field: "limits.cpu_millis", controller: "cpu")
        #expect(throws: JobError.limitUnavailable([missing])) { try strict.start(request) }
        let lax = try SimulatedBench(
            controllers: ["pids"], limitPolicy: LimitPolicy(isBestEffort: true))
        let job = try lax.start(request)
        #expect(job.limits == ResourceLimits(pidsMax: 10))
        #expect(job.ungranted.count == 1)
    }

    @Test func `what may not be asked for is refused before the host is looked at for it`() throws {
        let bench = try SimulatedBench(controllers: Self.all)
        let disk = ResourceLimits.IOLimit(device: "/dev/sda", readBytes: 1)
        let limits = ResourceLimits(io: [disk])
        var answers: [JobError] = []
        func take(_ result: Result<Job, JobError>) {
            if case .failure(let error) = result { answers.append(error) }
        }
        let denied = JobSpecification(command: .shell("true"), limits: limits)
        let terms = StartTerms(permissions: StartPermissions(allowsShell: false))
        let wrong = JobSpecification(command: .shell(""), limits: limits)
        bench.supervisor.start(
            denied, owner: SimulatedBench.viewer, terms: terms, requestID: nil, then: take)
        bench.supervisor.start(wrong, owner: SimulatedBench.viewer, requestID: nil, then: take)
        bench.supervisor.preview(
            denied, owner: SimulatedBench.viewer, terms: terms, then: take)
        // Nothing has turned the loop, so no worker was asked.
        #expect(answers.map(\.reason) == ["POLICY_DENIED", "INVALID_SPEC", "POLICY_DENIED"])
    }

    @Test func `a preview is what a start would be, and starts nothing`() throws {
        let bench = try SimulatedBench(
            controllers: Self.all,
            limitPolicy: LimitPolicy(
                defaults: ResourceLimits(pidsMax: 5), ceiling: ResourceLimits(memoryMax: 1 << 20)))
        let specification = JobSpecification(
            command: .shell("true"), limits: ResourceLimits(memoryMax: 1 << 30))
        var answer: Result<Job, JobError>?
        bench.supervisor.preview(specification, owner: SimulatedBench.viewer) { answer = $0 }
        try bench.machine.runUntilIdle()
        let job = try #require(answer).get()
        #expect(job.limits == ResourceLimits(memoryMax: 1 << 20, pidsMax: 5))
        #expect(bench.supervisor.liveJobCount == 0)
    }

    @Test func `limits change while the job runs, and are taken back if the kernel refuses`() throws
    {
        let bench = try SimulatedBench(controllers: Self.all)
        let job = try bench.start(ResourceLimits(memoryMax: 64 << 20, pidsMax: 10))
        let change = LimitChange(
            limits: ResourceLimits(memoryMax: 32 << 20), cleared: ["pids_max"])
        #expect(try bench.update(job, change).get() === job)
        #expect(job.limits == ResourceLimits(memoryMax: 32 << 20))
        #expect(try bench.text("memory.max", of: job) == "\(32 << 20)")
        #expect(try bench.text("pids.max", of: job) == "max")
        try bench.kernel.removeFile("\(bench.group(of: job))/cpu.max")
        let refused = try bench.update(job, LimitChange(limits: ResourceLimits(cpuMillis: 100)))
        #expect(throws: JobError.self) { try refused.get() }
        #expect(job.limits == ResourceLimits(memoryMax: 32 << 20))
        try bench.stop(job)
        let late = try bench.update(job, change)
        #expect(throws: JobError.jobAlreadyEnded(job.id)) { try late.get() }
    }

    @Test func `a change counts against what is granted in all, and lets others start`() throws {
        let bench = try SimulatedBench(
            controllers: Self.all, quota: StartQuota(memory: 100 << 20))
        let job = try bench.start(ResourceLimits(memoryMax: 60 << 20))
        let waiting = try bench.start(ResourceLimits(memoryMax: 70 << 20))
        #expect(waiting.state == .queued)
        let more = try bench.update(job, LimitChange(limits: ResourceLimits(memoryMax: 101 << 20)))
        #expect(
            throws: JobError.quotaTooSmall(.server, .memory, asked: 101 << 20, max: 100 << 20)
        ) { try more.get() }
        #expect(job.limits.memoryMax == 60 << 20)
        _ = try bench.update(job, LimitChange(limits: ResourceLimits(memoryMax: 30 << 20))).get()
        try bench.machine.runUntilIdle()
        #expect(waiting.state == .running)
        let again = try bench.update(job, LimitChange(limits: ResourceLimits(memoryMax: 31 << 20)))
        #expect(
            throws: JobError.quotaUsedUp(.server, .memory, asked: 31 << 20, free: 30 << 20)
        ) { try again.get() }
        // A change that the kernel refuses counts no more.
        try bench.kernel.removeFile("\(bench.group(of: waiting))/cpu.max")
        let refused = try bench.update(
            waiting, LimitChange(limits: ResourceLimits(cpuMillis: 100, memoryMax: 60 << 20)))
        #expect(throws: JobError.self) { try refused.get() }
        let third = try bench.update(job, LimitChange(limits: ResourceLimits(memoryMax: 31 << 20)))
        #expect(throws: JobError.self) { try third.get() }
    }

    @Test func `of a change that is refused nothing is in force`() throws {
        let bench = try SimulatedBench(controllers: Self.all)
        let old = ResourceLimits(cpuMillis: 500, memoryMax: 64 << 20)
        let job = try bench.start(old)
        try bench.kernel.removeFile("\(bench.group(of: job))/cpuset.cpus")
        let new = ResourceLimits(cpuMillis: 1000, memoryMax: 1 << 30, pidsMax: 9, cpus: "0")
        let refused = try bench.update(job, LimitChange(limits: new))
        let error = JobError.limitRefused(file: "cpuset.cpus", problem: "\(Errno.noEntry)")
        #expect(throws: error) { try refused.get() }
        #expect(job.limits == old)
        #expect(try bench.text("cpu.max", of: job) == "50000 100000")
        #expect(try bench.text("memory.max", of: job) == "\(64 << 20)")
        #expect(try bench.text("pids.max", of: job) == "max")
    }

    @Test func `a ceiling that the host cannot enforce is in no one's way`() throws {
        let policy = LimitPolicy(ceiling: ResourceLimits(memoryMax: 1 << 30), isBestEffort: true)
        let bench = try SimulatedBench(controllers: ["cpu"], limitPolicy: policy)
        let job = try bench.start(ResourceLimits())
        let change = LimitChange(limits: ResourceLimits(cpuMillis: 500))
        #expect(try bench.update(job, change).get().limits == ResourceLimits(cpuMillis: 500))
        let refused = try bench.update(job, LimitChange(limits: ResourceLimits(memoryMax: 1 << 20)))
        let missing = MissingController(field: "limits.memory_max_bytes", controller: "memory")
        #expect(throws: JobError.limitUnavailable([missing])) { try refused.get() }
    }

    @Test func `a job is paused, and goes on`() throws {
        let bench = try SimulatedBench(controllers: [])
        let job = try bench.start(ResourceLimits())
        #expect(try bench.pause(job).get() === job)
        #expect(job.state == .paused)
        #expect(try bench.text("job/cgroup.freeze", of: job) == "1")
        #expect(try bench.resume(job).get() === job)
        #expect(job.state == .running)
        #expect(try bench.text("job/cgroup.freeze", of: job) == "0")
    }

    @Test func `a stop lets a paused job go on, so that it hears of it`() throws {
        let bench = try SimulatedBench(controllers: [])
        let job = try bench.start(ResourceLimits())
        _ = try bench.pause(job).get()
        bench.supervisor.stop(job, signal: 15, grace: .seconds(60)) { _ in }
        try bench.machine.advance(by: .seconds(1))
        #expect(job.state == .stopping)
        #expect(try bench.text("job/cgroup.freeze", of: job) == "0")
        let late = try bench.pause(job)
        #expect(throws: JobError.jobNotRunning(job.id, .stopping)) { try late.get() }
    }

    @Test func `a job that does not freeze goes on, and the caller is told`() throws {
        let bench = try SimulatedBench(controllers: [])
        bench.machine.forbidFreezing()
        let job = try bench.start(ResourceLimits())
        let answer = try bench.pause(job)
        #expect(throws: JobError.pauseFailed(job.id)) { try answer.get() }
        #expect(job.state == .running)
        #expect(try bench.text("job/cgroup.freeze", of: job) == "0")
    }

    @Test func `a job that cannot be told to go on is paused still, and can be told again`() throws
    {
        let bench = try SimulatedBench(controllers: [])
        let job = try bench.start(ResourceLimits())
        _ = try bench.pause(job).get()
        bench.machine.forbidThawing(.noMemory)
        let answer = try bench.resume(job)
        #expect(throws: JobError.self) { try answer.get() }
        #expect(job.state == .paused)
        bench.machine.forbidThawing(nil)
        #expect(try bench.resume(job).get().state == .running)
        #expect(try bench.text("job/cgroup.freeze", of: job) == "0")
    }

    @Test func `a stop goes on trying to let a paused job hear of it`() throws {
        let bench = try SimulatedBench(controllers: [])
        let job = try bench.start(ResourceLimits())
        _ = try bench.pause(job).get()
        bench.machine.forbidThawing(.noMemory)
        bench.supervisor.stop(job, signal: 15, grace: .seconds(60)) { _ in }
        try bench.machine.advance(by: .seconds(5))
        #expect(try bench.text("job/cgroup.freeze", of: job) == "1")
        bench.machine.forbidThawing(nil)
        try bench.machine.advance(by: .seconds(5))
        #expect(try bench.text("job/cgroup.freeze", of: job) == "0")
    }

    @Test func `without a group there is no pause`() throws {
        let bench = try SimulatedBench()
        let job = try bench.start(ResourceLimits())
        let answer = try bench.pause(job)
        #expect(throws: JobError.pauseUnavailable) { try answer.get() }
    }

    @Test func `a stop answers five seconds after its grace, and the job says why`() throws {
        let bench = try SimulatedBench { shim in
            shim.startJob()
            // What waits in the kernel hears no kill.
            shim.onSignal { _, _ in }
        }
        let job = try #require(try bench.start()).get()
        var answer: Result<Job, JobError>?
        bench.supervisor.stop(job, signal: 15, grace: .seconds(2)) { answer = $0 }
        try bench.machine.advance(by: .milliseconds(6900))
        #expect(answer == nil)
        try bench.machine.advance(by: .milliseconds(200))
        #expect(try answer?.get() === job)
        #expect(job.state == .stopping && job.statusMessage.contains("cannot die yet"))
        var again: Result<Job, JobError>?
        bench.supervisor.stop(job, signal: 15, grace: .seconds(60)) { again = $0 }
        #expect(try again?.get() === job)
        #expect(bench.supervisor.liveJobCount == 1)
    }

    @Test func `a stop of one that waits is answered in time though the disk is full`() throws {
        let bench = try SimulatedBench(quota: StartQuota(running: 1))
        _ = try #require(try bench.start()).get()
        let job = try #require(try bench.start()).get()
        #expect(job.state == .queued)
        bench.machine.faults.recordsAreFull = true
        var answer: Result<Job, JobError>?
        bench.supervisor.stop(job, signal: 15, grace: .seconds(60)) { answer = $0 }
        try bench.machine.advance(by: .milliseconds(4900))
        #expect(answer == nil)
        try bench.machine.advance(by: .milliseconds(200))
        #expect(try answer?.get() === job)
        #expect(job.state == .stopping && job.statusMessage.contains("storage takes that down"))
        bench.machine.faults.recordsAreFull = false
        try bench.machine.advance(by: .seconds(60))
        #expect(job.outcome == .stopped && job.statusMessage.isEmpty)
    }
}

extension SimulatedBench {
    var kernel: any Kernel { reactor.kernel }

    func group(of job: Job) -> String { "/sys/fs/cgroup/cmdctl-jobs/\(job.id)" }

    func text(_ file: String, of job: Job) throws -> String {
        let bytes = try kernel.contents(of: "\(group(of: job))/\(file)", sizeMax: 4096)
        return String(decoding: bytes, as: UTF8.self)
    }

    func start(_ limits: ResourceLimits) throws -> Job {
        try answer { then in
            let specification = JobSpecification(
                command: .program("true", arguments: []), limits: limits)
            supervisor.start(
                specification, owner: SimulatedBench.viewer, requestID: nil, then: then)
        }.get()
    }

    func update(_ job: Job, _ change: LimitChange) throws -> Result<Job, JobError> {
        try answer { supervisor.update(job, change, then: $0) }
    }

    func pause(_ job: Job) throws -> Result<Job, JobError> {
        try answer { supervisor.pause(job, then: $0) }
    }

    func resume(_ job: Job) throws -> Result<Job, JobError> {
        try answer { supervisor.resume(job, then: $0) }
    }

    func stop(_ job: Job) throws {
        _ = try answer { supervisor.stop(job, signal: 15, grace: .zero, then: $0) }.get()
        try machine.runUntilIdle()
    }

    /// What is answered within a minute of machine time.
    private func answer(
        _ ask: (@escaping (Result<Job, JobError>) -> Void) -> Void
    ) throws -> Result<Job, JobError> {
        var answer: Result<Job, JobError>?
        ask { answer = $0 }
        try machine.advance(by: .seconds(60))
        return try #require(answer)
    }
}
