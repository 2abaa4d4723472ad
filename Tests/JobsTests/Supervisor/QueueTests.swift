import Glibc
import Reactor
import Simulator
import Testing

@testable import Jobs

/// Jobs that wait for others to end, with real shims.
@Suite(.timeLimit(.minutes(10))) struct QueueTests {
    private func bench(running: Int = 1) throws -> Workbench {
        try Workbench(quota: StartQuota(running: running))
    }

    private let quick = JobSpecification(command: .shell("echo here; exit 3"))

    @Test func `one waits, starts when the other has ended, and is followed all the while`() throws
    {
        let bench = try bench()
        let first = try bench.start(gated: "read line < gate")
        let second = try bench.start(quick)
        #expect(second.state == .queued)
        #expect(try bench.now(second).queuePosition == 1)
        let output = bench.followed(second)
        try bench.openGate()
        try bench.waitForEnd(of: second)
        #expect(first.hasEnded)
        try bench.turn { output.hasEnded }
        #expect(output.text == "here\n")
        #expect(second.exitStatus == .exited(code: 3))
        #expect(try bench.now(second).queuePosition == nil)
        output.close()
    }

    @Test func `tenants take turns`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        let owners = [Workbench.alice, Workbench.alice, Workbench.bob]
        let jobs = try owners.map { try bench.tryToStart(quick, owner: $0).get() }
        #expect(try jobs.map { try bench.now($0).queuePosition } == [1, 3, 2])
        try bench.openGate()
        for job in jobs { try bench.waitForEnd(of: job) }
        let starts = jobs.compactMap(\.startedAt)
        try #require(starts.count == 3)
        #expect(starts[0] < starts[2] && starts[2] < starts[1])
    }

    @Test func `one that is stopped while it waits never ran`() throws {
        let bench = try bench()
        let first = try bench.start(gated: "read line < gate")
        let second = try bench.start(quick)
        let output = bench.followed(second)
        #expect(try bench.stop(second, grace: .seconds(60)).get() === second)
        #expect(second.outcome == .stopped)
        #expect(second.exitStatus == nil && second.startedAt == nil)
        try bench.turn { output.hasEnded }
        #expect(output.text.isEmpty)
        output.close()
        // Nor will it, in another life; it can be deleted.
        try bench.restart()
        let again = try bench.now(second)
        #expect(again.outcome == .stopped && again.exitStatus == nil)
        try bench.delete(again)
        #expect(try bench.stop(bench.now(first), grace: .zero).get().outcome == .killed)
    }

    @Test func `who asks again for one that waits is answered when it is on record`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        var answers: [Job] = []
        for _ in 1...2 {
            bench.supervisor.start(quick, owner: Workbench.alice, requestID: "r") { result in
                guard let job = try? result.get() else { return }
                // Before that, everybody else is told that there is no such job.
                #expect(!job.isHidden)
                answers.append(job)
            }
        }
        try bench.turn { answers.count == 2 }
        #expect(answers[0] === answers[1] && answers[0].state == .queued)
        #expect(try bench.tryToStart(quick, requestID: "r").get() === answers[0])
    }

    @Test func `one that is killed while it waits never runs, in no life`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        let second = try bench.start(quick)
        #expect(try bench.signal(second, SIGKILL).get() === second)
        #expect(second.outcome == .stopped && second.startedAt == nil)
        try bench.restart()
        #expect(try bench.now(second).outcome == .stopped)
        try bench.openGate()
    }

    @Test func `no other signal is taken for one that waits`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        let second = try bench.start(quick)
        let answer = try bench.signal(second, SIGTERM)
        #expect(throws: JobError.jobNotRunning(second.id, .queued)) { try answer.get() }
        try bench.openGate()
        try bench.waitForEnd(of: second)
        #expect(second.exitStatus == .exited(code: 3))
    }

    @Test func `its time counts from its start`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        let waiting = JobSpecification(command: .shell("exit 5"), timeout: .seconds(3600))
        let second = try bench.start(waiting)
        #expect(second.startedAt == nil)
        try bench.openGate()
        try bench.waitForEnd(of: second)
        #expect(second.outcome == .failed)
    }

    @Test func `the queue outlives the supervisor, in its order`() throws {
        let bench = try bench()
        let first = try bench.start(gated: "read line < gate")
        let jobs = try (0..<3).map { _ in try bench.start(quick) }
        try bench.restart()
        #expect(try jobs.map { try bench.now($0).state } == [.queued, .queued, .queued])
        #expect(try jobs.map { try bench.now($0).queuePosition } == [1, 2, 3])
        try bench.openGate()
        for job in jobs { try bench.waitForEnd(of: bench.now(job)) }
        let starts = try jobs.map { try #require(try bench.now($0).startedAt) }
        #expect(starts == starts.sorted())
        #expect(try bench.now(first).hasEnded)
    }

    @Test(arguments: [(Queueing.waiting, true), (.waiting, false), (.over, true)])
    func `one that was to read something cannot wait for the next life, and says why`(
        queueing: Queueing, isOfThisBoot: Bool
    ) throws {
        let bench = try bench()
        let here = HostFacts(of: bench.reactor.kernel).bootID
        try bench.endLife()
        var reading = quick
        reading.standardInput = StandardInput(Array("hello\n".utf8)).forgotten
        var record = JobRecord(
            id: Specimen.id(1), owner: Workbench.alice.tenant, order: JobOrder(reading),
            createdAt: Timestamp(nanoseconds: 1), bootID: isOfThisBoot ? here : "another")
        record.queueing = queueing
        bench.store.add(.accepted(record))
        _ = bench.store.complete([nil])
        try bench.beginLife()
        let job = try bench.now(record.id)
        #expect(job.outcome == .startFailed)
        #expect(job.statusMessage.contains("what it was to read (6 bytes)"))
        #expect(job.statusMessage.contains("run it again"))
    }

    @Test func `one whose turn had come when the supervisor died waits for the next`() throws {
        let bench = try bench()
        let here = HostFacts(of: bench.reactor.kernel).bootID
        let group = bench.supervisor.groups?.group(of: Specimen.id(1)).path
        try bench.endLife()
        var record = JobRecord(
            id: Specimen.id(1), owner: Workbench.alice.tenant, order: JobOrder(quick),
            createdAt: Timestamp(nanoseconds: 1), controlGroup: group, bootID: here)
        record.queueing = .over
        bench.store.add(.accepted(record))
        _ = bench.store.complete([nil])
        try bench.beginLife()
        let job = try bench.now(record.id)
        try bench.waitForEnd(of: job)
        #expect(job.exitStatus == .exited(code: 3), "\(job.statusMessage)")
    }

    @Test func `nothing starts before all that runs is counted`() throws {
        let bench = try bench()
        let first = try bench.start(gated: "read line < gate")
        let second = try bench.start(quick)
        try bench.endLife()
        try bench.beginLife(meanwhile: { supervisor in
            try bench.turn { supervisor.gate.queue.count == 1 }
            #expect(supervisor.live[first.id] == nil, "it must not be found yet")
            supervisor.quotasChanged()
        })
        #expect(try bench.now(second).state == .queued)
        try bench.openGate()
        try bench.waitForEnd(of: bench.now(second))
    }

    @Test func `a repeated request finds the job that waits`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        let second = try bench.tryToStart(quick, requestID: "r").get()
        #expect(try bench.tryToStart(quick, requestID: "r").get() === second)
        #expect(bench.supervisor.gate.queue.count == 1)
        try bench.openGate()
        try bench.waitForEnd(of: second)
    }

    @Test func `one that cannot start makes room for the next`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        let missing = try bench.start(
            JobSpecification(command: .program("/nonexistent", arguments: [])))
        let third = try bench.start(quick)
        #expect(missing.state == .queued)
        try bench.openGate()
        try bench.waitForEnd(of: third)
        #expect(missing.outcome == .startFailed)
        #expect(third.exitStatus == .exited(code: 3))
    }

    @Test func `one that the next life has no quota for ends, and blocks nobody`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        let second = try bench.start(quick)
        bench.quota.all.memory = 1 << 30
        try bench.restart()
        try bench.waitForEnd(of: bench.now(second))
        let end = try bench.now(second)
        #expect(end.outcome == .startFailed && end.startedAt == nil)
        #expect(end.statusMessage.contains("The job has no limit of its own"))
        #expect(bench.supervisor.gate.queue.count == 0)
        try bench.restart()
        #expect(try bench.now(second).outcome == .startFailed)
        try bench.openGate()
    }

    @Test func `one that a new policy has no quota for ends`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        let second = try bench.start(quick)
        bench.supervisor.quotasChanged()
        #expect(second.state == .queued)
        bench.quota.each.running = 0
        bench.supervisor.quotasChanged()
        try bench.waitForEnd(of: second)
        #expect(second.outcome == .startFailed)
        #expect(second.statusMessage.contains("You may not start any job here"))
        try bench.openGate()
    }

    @Test func `one that is stopped while it is put on record ends once`() throws {
        let bench = try bench()
        _ = try bench.start(gated: "read line < gate")
        bench.supervisor.start(quick, owner: Workbench.alice, requestID: nil) { _ in }
        let second = try #require(bench.supervisor.table.all.first { $0.isHidden })
        bench.quota.each.running = 0
        var isOver = false
        bench.supervisor.stopAll(grace: .zero) { isOver = true }
        try bench.turn { isOver }
        #expect(second.outcome == .stopped)
    }

    @Test func `who ends everything ends those who wait`() throws {
        let bench = try bench()
        let jobs = try [
            bench.start(shell: "sleep 1000"), bench.start(quick), bench.start(quick),
        ]
        var isOver = false
        bench.supervisor.stopAll(grace: .zero) { isOver = true }
        try bench.turn { isOver }
        #expect(jobs.map(\.outcome) == [.killed, .stopped, .stopped])
    }
}
