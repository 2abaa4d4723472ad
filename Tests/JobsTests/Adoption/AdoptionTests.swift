import Glibc
import Reactor
import Testing

@testable import Jobs

/// A supervisor ends without a word, and another takes over, with real shims.
@Suite(.timeLimit(.minutes(10))) struct AdoptionTests {
    @Test func `a job runs on, and its output and its end are complete`() throws {
        let bench = try Workbench()
        let before = try bench.start(gated: "echo one; read line < gate; echo two; exit 7")
        try bench.restart()
        let job = try bench.now(before)
        #expect(job !== before)
        #expect(job.state == .running)
        #expect(job.startedAt == before.startedAt)
        #expect(job.owner == before.owner)
        #expect(job.specification == before.specification)
        try bench.openGate()
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .failed)
        #expect(job.exitStatus == .exited(code: 7))
        #expect(try bench.output(of: job).text == "one\ntwo\n")
        #expect(job.usage != nil)
    }

    @Test func `a job that ended meanwhile has its own verdict`() throws {
        let bench = try Workbench()
        let before = try bench.start(gated: "read line < gate; exit 7")
        try bench.endLife()
        try bench.openGate()
        try bench.waitUntilUnlocked(before)
        try bench.beginLife()
        let job = try bench.now(before)
        #expect(job.state == .exited)
        #expect(job.exitStatus == .exited(code: 7))
        #expect(job.startedAt == before.startedAt)
        #expect(bench.supervisor.liveJobCount == 0)
        // And the same again, from the record.
        try bench.settle()
        try bench.restart()
        #expect(try bench.now(before).exitStatus == .exited(code: 7))
    }

    @Test func `a job whose shim was killed meanwhile is lost, and so are its processes`() throws {
        let bench = try Workbench()
        let before = try bench.start(gated: "echo one; read line < gate")
        try bench.waitForOutput("one\n", of: before)
        try bench.endLife()
        try bench.killShim(of: before)
        try bench.waitUntilUnlocked(before)
        try bench.beginLife()
        let job = try bench.now(before)
        #expect(job.outcome == .lost)
        #expect(job.exitStatus == .unknown)
        #expect(try bench.output(of: job).text == "one\n")
        try bench.settle()
        #expect(try bench.processes(of: job).isEmpty)
    }

    @Test func `what escaped from a lost job is killed`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "setsid sleep 1000 & setsid sleep 1000 & wait")
        try bench.killShim(of: job)
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .lost)
        try bench.settle()
        #expect(try bench.processes(of: job).isEmpty)
    }

    @Test func `a stop is carried on with what is left of its grace`() throws {
        let bench = try Workbench()
        let line = "trap 'echo asked' TERM; echo ready; while :; do sleep 1000 & wait; done"
        let before = try bench.start(shell: line)
        try bench.waitForOutput("ready\n", of: before)
        bench.supervisor.stop(before, signal: SIGTERM, grace: .seconds(3)) { _ in }
        try bench.waitForOutput("ready\nasked\n", of: before)
        try bench.restart()
        let job = try bench.now(before)
        #expect(job.state == .stopping)
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .killed)
        // The shim passes on the first of two equal stops.
        #expect(try bench.output(of: job).text == "ready\nasked\n")
    }

    @Test func `names and request ids survive`() throws {
        let bench = try Workbench()
        let web = JobSpecification(
            command: .program("sleep", arguments: ["1000"]), name: "web")
        let before = try bench.tryToStart(web, requestID: "r").get()
        try bench.restart()
        #expect(try bench.supervisor.job("web", for: Workbench.alice).id == before.id)
        #expect(try bench.tryToStart(web, requestID: "r").get().id == before.id)
        #expect(throws: JobError.nameTaken(name: "web", by: before.id)) {
            try bench.tryToStart(web).get()
        }
        let other = JobSpecification(command: .shell("true"))
        #expect(throws: JobError.requestIDReused(requestID: "r")) {
            try bench.tryToStart(other, requestID: "r").get()
        }
        let next = try bench.start(other)
        #expect(next.id > before.id)
    }

    @Test func `a deleted job does not come back, and its request id starts nothing`() throws {
        let bench = try Workbench()
        let job = try bench.tryToStart(
            JobSpecification(command: .shell("true")), requestID: "r"
        ).get()
        try bench.waitForEnd(of: job)
        try bench.delete(job)
        try bench.settle()
        try bench.restart()
        #expect(bench.allJobs.isEmpty)
        #expect(throws: JobError.jobDeleted(job.id, requestID: "r")) {
            try bench.tryToStart(job.specification ?? .init(command: .shell("")), requestID: "r")
                .get()
        }
    }

    @Test func `a second supervisor is refused while the first one lives`() throws {
        let bench = try Workbench()
        let error = #expect(throws: JobError.self) { try bench.makeSupervisor() }
        #expect(error?.reason == "STORAGE_UNAVAILABLE")
        try bench.restart()
    }
}

/// What was in the database is gone, and the index files are there.
@Suite(.timeLimit(.minutes(10))) struct RecoveredRecordTests {
    @Test func `jobs are found by their index files, for admins only`() throws {
        let bench = try Workbench()
        let ended = try bench.start(shell: "echo ended; exit 3")
        try bench.waitForEnd(of: ended)
        let live = try bench.start(gated: "read line < gate; exit 4")
        try bench.endLife()
        bench.loseRecords()
        try bench.beginLife()
        #expect(bench.allJobs.isEmpty)
        for job in [ended, live].map(\.id) {
            #expect(throws: JobError.jobNotFound(selector: "\(job)")) {
                try bench.supervisor.job("\(job)", for: Workbench.alice)
            }
        }
        let recovered = try bench.now(ended)
        #expect(recovered.exitStatus == .exited(code: 3))
        #expect(recovered.specification == nil)
        #expect(recovered.statusMessage.contains("lost"))
        #expect(try bench.output(of: recovered).text == "ended\n")
        let adopted = try bench.now(live)
        #expect(adopted.state == .running)
        try bench.openGate()
        try bench.waitForEnd(of: adopted)
        #expect(adopted.exitStatus == .exited(code: 4))
        // On record again, without what was lost.
        try bench.settle()
        try bench.restart()
        #expect(try bench.now(live).exitStatus == .exited(code: 4))
        #expect(try bench.now(live).specification == nil)
    }

    @Test func `a job whose index somebody removed runs on, and its end is lost`() throws {
        let bench = try Workbench()
        let before = try bench.start(gated: "read line < gate; exit 4")
        try bench.endLife()
        try bench.reactor.kernel.removeFile("\(bench.directory)/logs/\(before.id).idx")
        try bench.beginLife()
        let job = try bench.now(before)
        #expect(job.state == .running)
        try bench.openGate()
        try bench.waitForEnd(of: job)
        #expect(job.outcome == .lost)
    }
}
