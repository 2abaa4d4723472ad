import Reactor
import ShimProtocol
import Simulator
import Testing

@testable import Jobs

/// What is said of jobs of which hardly anything is left, or nothing that can be understood.
@Suite(.timeLimit(.minutes(10))) struct AbsenceTests {
    @Test func `without files a job never ran, unless the machine was started anew`() throws {
        let bench = try Workbench()
        let here = HostFacts(of: bench.reactor.kernel).bootID
        #expect(here?.isEmpty == false)
        try bench.endLife()
        for (number, bootID) in [here, "another", nil].enumerated() {
            bench.store.add(.accepted(Self.record(UInt64(number), bootID: bootID)))
        }
        _ = bench.store.complete([nil, nil, nil])
        try bench.beginLife()
        let outcomes = try (0...2).map { try bench.now(Specimen.id($0)).outcome }
        #expect(outcomes == [.startFailed, .lost, .lost])
    }

    @Test func `one that waited and cannot be started any more never ran, on any machine`() throws {
        let bench = try Workbench()
        try bench.endLife()
        var record = JobRecord(
            id: Specimen.id(1), owner: Workbench.alice.tenant,
            order: JobOrder(
                JobSpecification(
                    command: .shell("cat"), standardInput: StandardInput([1]).forgotten)),
            createdAt: Timestamp(nanoseconds: 1), bootID: "another")
        record.queueing = .waiting
        bench.store.add(.accepted(record))
        _ = bench.store.complete([nil])
        try bench.beginLife()
        #expect(try bench.now(record.id).outcome == .startFailed)
    }

    @Test func `a stop that was asked for in the future has its grace, and no more`() throws {
        let bench = try Workbench()
        let before = try bench.start(
            shell: "trap 'echo asked' TERM; echo ready; while :; do sleep 1000 & wait; done")
        try bench.waitForOutput("ready\n", of: before)
        try bench.endLife()
        let intent = StopIntent(
            signal: 15, grace: .milliseconds(200), requestedAt: Timestamp(nanoseconds: .max))
        bench.store.add(.stopRequested(before.id, intent))
        _ = bench.store.complete([nil])
        try bench.beginLife()
        let job = try bench.now(before)
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .killed)
    }

    @Test func `files that are named after no job are none`() throws {
        let bench = try Workbench()
        try bench.endLife()
        let names = [
            "ffffffff-ffff-7fff-bfff-ffffffffffff", "0192f3a4-5b6c-4000-8000-000000000000",
            "0192F3A4-5B6C-7000-8000-000000000000",
        ]
        for name in names {
            _ = try bench.reactor.kernel.openFile(
                "\(bench.directory)/logs/\(name).idx", flags: [.readWrite, .create])
        }
        try bench.beginLife()
        let all = bench.supervisor.list(JobFilter(), after: nil, limit: 9, for: Workbench.admin)
        #expect(all.jobs.isEmpty)
        _ = try bench.start(shell: "true")
    }

    @Test func `a job of another version runs on, and its end is left to that version`() throws {
        let bench = try Workbench()
        let before = try bench.start(gated: "read line < gate")
        try bench.endLife()
        try Self.overwriteVersion(of: before, in: bench)
        try bench.beginLife()
        let job = try bench.now(before)
        #expect(job.state == .running)
        try bench.killShim(of: job)
        try bench.turn { job.unknownIndexVersion != nil }
        try Self.expectLeftAlone(job, in: bench)
        // And by a supervisor that has not even seen it run.
        try bench.restart()
        let again = try bench.now(before)
        try bench.turn { again.unknownIndexVersion != nil }
        try Self.expectLeftAlone(again, in: bench)
    }

    @Test func `a shim is found by its name, and not its copy in the namespace`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "sleep 1000")
        let kernel = bench.reactor.kernel
        var search = ShimSearch(kernel: kernel, userID: HostFacts(of: kernel).userID)
        let found = try #require(try search.shim(of: job.id))
        let path = "\(bench.directory)/logs/\(job.id).idx"
        let index = try kernel.openFile(path, flags: .readOnly)
        let header = try IndexReader(raw: index.raw, kernel: kernel).header()
        #expect(found.pid == header?.shimPID)
        var foreign = ShimSearch(kernel: kernel, userID: 12345)
        #expect(try foreign.shim(of: job.id) == nil)
    }

    private static func expectLeftAlone(_ job: Job, in bench: Workbench) throws {
        #expect(job.state == .running)
        #expect(job.outcome == nil)
        #expect(job.statusMessage.contains("version 99"))
        #expect(try bench.stop(job, grace: .zero) == .jobAlreadyEnded(job.id))
        #expect(bench.store.contents.jobs.first { $0.id == job.id }?.end == nil)
    }

    private static func overwriteVersion(of job: Job, in bench: Workbench) throws {
        let kernel = bench.reactor.kernel
        let index = try kernel.openFile(
            "\(bench.directory)/logs/\(job.id).idx", flags: .readWrite)
        let version = Buffer(capacity: 1)
        version.append([99])
        let count = try version.withReadableBytes { bytes throws(Errno) in
            try kernel.writeFileNow(index.raw, at: 8, bytes)
        }
        try #require(count == 1)
    }

    private static func record(_ number: UInt64, bootID: String?) -> JobRecord {
        JobRecord(
            id: Specimen.id(number), owner: Workbench.alice.tenant,
            order: JobOrder(JobSpecification(command: .shell("true"))),
            createdAt: Timestamp(nanoseconds: 1), bootID: bootID)
    }
}

/// A shim that is not the one the server was built with, on a simulated machine.
@Suite struct OtherShimTests {
    @Test func `one that reports in another version runs its job`() throws {
        let bench = try SimulatedBench { shim in
            shim.startJob(reportVersion: 2)
            shim.after(.seconds(1)) { $0.endJob(.exited(code: 3)) }
        }
        let job = try #require(try bench.start()).get()
        #expect(job.state == .running)
        try bench.machine.advance(by: .seconds(2))
        #expect(job.exitStatus == .exited(code: 3))
    }

    @Test func `one that does not understand its orders says so`() throws {
        let bench = try SimulatedBench { shim in
            let report = StartReport.failed(stage: .plan, errno: 0, detail: "of version 1")
            _ = try? shim.write(report.encoded(), to: ShimDescriptor.status)
            shim.exit(code: 1)
        }
        guard case .failure(.startFailed(_, let failure))? = try bench.start() else {
            Issue.record("it was started")
            return
        }
        #expect(failure.sentence.contains("restart cmdctld"))
    }

    @Test func `one that is silent after it has come to life may have run its job`() throws {
        let bench = try SimulatedBench { shim in
            let header = IndexHeader(
                jobID: [UInt8](repeating: 0, count: 16), head: 0, createdNanoseconds: 1)
            _ = try? shim.write(header.encoded(), to: ShimDescriptor.index)
            shim.exit(code: 1)
        }
        let job = try #require(try bench.start()).get()
        #expect(job.outcome == .lost)
    }
}
