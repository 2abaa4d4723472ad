import Glibc
import Jobs
import Reactor
import TestSupport
import Testing

/// Following real jobs: every byte, wherever and whenever a follower begins.
@Suite(.timeLimit(.minutes(10))) struct FollowTests {
    @Test func `each stream is told apart`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "echo out; echo err >&2; echo x > /dev/stderr")
        let output = try bench.output(of: job)
        #expect(output.bytes.count == 10)
        #expect(output.standardError == Array("err\nx\n".utf8))
        #expect(output.endedJob?.exitStatus == .exited(code: 0))
        #expect(output.gaps.isEmpty)
    }

    @Test func `merged output keeps its order`() throws {
        let bench = try Workbench()
        let line = "for i in 1 2 3 4 5 6 7 8; do echo o$i; echo e$i >&2; done"
        let job = try bench.start(JobSpecification(command: .shell(line), mergeOutput: true))
        let output = try bench.output(of: job)
        #expect(output.text == (1...8).map { "o\($0)\ne\($0)\n" }.joined())
        #expect(output.standardError.isEmpty)
    }

    @Test func `many bytes come in chunks, from the beginning and from any offset`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "head -c 300000 /dev/urandom; echo err >&2")
        let whole = try bench.output(of: job)
        #expect(whole.bytes.count == 300_004)
        #expect(whole.largestChunk <= 65_536)
        let isWhole = whole.bytes == (try bench.log(of: job))
        #expect(isWhole)
        for offset in [1, 4095, 65_536, 299_999, 300_003, 300_004] {
            let part = try bench.output(of: job, from: .offset(UInt64(offset)))
            let isPart = part.bytes.elementsEqual(whole.bytes[offset...])
            #expect(isPart, "from \(offset)")
            let isTagged = part.tags.elementsEqual(whole.tags[offset...])
            #expect(isTagged, "from \(offset)")
        }
        #expect(throws: JobError.offsetOutOfRange(offset: 300_005, size: 300_004)) {
            try bench.output(of: job, from: .offset(300_005))
        }
    }

    @Test func `a log of very many runs`() throws {
        let bench = try Workbench()
        let line = "i=0; while [ $i -lt 1500 ]; do echo o; echo e >&2; i=$((i+1)); done"
        let job = try bench.start(shell: line)
        let live = try bench.output(of: job)
        #expect(live.bytes.count == 6000)
        #expect(live.standardError == Array(String(repeating: "e\n", count: 1500).utf8))
        #expect(live.mostRuns <= 256)
        let later = try bench.output(of: job)
        #expect(later.bytes == live.bytes)
        #expect(later.standardError == live.standardError)
        let part = try bench.output(of: job, from: .offset(3000))
        #expect(part.bytes == Array(live.bytes[3000...]))
    }

    @Test func `lines arrive as they are written`() throws {
        let bench = try Workbench()
        let job = try bench.start(
            shell: "while read line; do :; done < /dev/null; echo 1; sleep 100")
        let output = FollowedOutput(
            try bench.supervisor.follow(job, from: .beginning, untilEnd: true))
        try bench.turn { output.text == "1\n" }
        #expect(!output.hasEnded)
        let now = FollowedOutput(try bench.supervisor.follow(job, from: .now, untilEnd: true))
        let sofar = FollowedOutput(
            try bench.supervisor.follow(job, from: .beginning, untilEnd: false))
        try bench.turn { sofar.hasEnded }
        #expect(sofar.text == "1\n")
        #expect(sofar.endedJob?.state == .running)
        _ = try bench.stop(job, grace: .zero)
        try bench.turn { output.hasEnded && now.hasEnded }
        #expect(now.text.isEmpty)
        #expect(output.endedJob?.outcome == .killed)
    }

    /// What becomes of a log's name is nothing to those who have it open.
    ///
    /// The name leads to another
    /// file before the log has become quiet and is watched again.
    @Test(arguments: ["mv LOG LOG.old && cp LOG.old LOG", "rm LOG"])
    func `a log is followed on whatever becomes of its name`(change: String) throws {
        let bench = try Workbench()
        let gate = "\(bench.directory)/gate"
        #expect(mkfifo(gate, 0o600) == 0)
        let job = try bench.start(shell: "echo before; read line < \(gate); echo after; sleep 100")
        let output = bench.followed(job)
        try bench.turn { output.text == "before\n" }
        let log = "\(bench.directory)/logs/\(job.id).log"
        #expect(system(change.replacing("LOG", with: log)) == 0)
        try bench.turn { bench.reactor.nextDeadline() == nil }
        #expect(system("echo go > \(gate)") == 0)
        try bench.turn { output.text == "before\nafter\n" }
        #expect(!output.hasEnded)
        _ = try bench.stop(job, grace: .zero)
        try bench.turn { output.hasEnded }
        #expect(output.text == "before\nafter\n" && output.gaps.isEmpty)
    }

    @Test func `a follower of a job that is still starting`() throws {
        let bench = try Workbench()
        var started: [Job] = []
        let job = try bench.beginToStart(JobSpecification(command: .shell("echo early"))) {
            started += (try? $0.get()).map { [$0] } ?? []
        }
        let output = FollowedOutput(
            try bench.supervisor.follow(job, from: .beginning, untilEnd: true))
        try bench.turn { output.hasEnded }
        #expect(output.text == "early\n")
        #expect(started.first === job)
    }

    /// Before, during and after the end: every byte, for every follower.
    @Test func `three hundred jobs that print and exit at once`() throws {
        let bench = try Workbench()
        let count = 300
        var jobs: [Job] = []
        var outputs: [(number: Int, output: FollowedOutput)] = []
        for number in 0..<count {
            let line = "echo \(number) out; echo \(number) err >&2"
            let starting = try bench.beginToStart(JobSpecification(command: .shell(line))) {
                guard let job = try? $0.get() else { return }
                jobs.append(job)
                outputs += [(number, bench.followed(job))]
            }
            outputs.append((number, bench.followed(starting)))
            bench.supervisor.wait(starting) { outputs.append((number, bench.followed($0))) }
        }
        try bench.turn { outputs.count == 3 * count && outputs.allSatisfy(\.output.hasEnded) }
        #expect(jobs.count == count)
        for (number, output) in outputs {
            #expect(output.text.count == "\(number) out\n\(number) err\n".count)
            #expect(output.standardError == Array("\(number) err\n".utf8))
            #expect(output.endedJob?.exitStatus == .exited(code: 0))
        }
        #expect(bench.supervisor.liveJobCount == 0)
    }
}

/// In a process of its own, so that every open descriptor is this test's.
@Suite(.timeLimit(.minutes(10))) struct DescriptorTests {
    @Test func `nothing stays open when all is over`() throws {
        let process = try SeparateProcess("all kinds of jobs", in: Self.self) {
            let bench = try Workbench()
            try bench.runJobsOfAllKinds()
            let before = try bench.openDescriptorCount()
            for _ in 1...5 { try bench.runJobsOfAllKinds() }
            let after = try bench.openDescriptorCount()
            precondition(after == before, "\(before) were open, \(after) are")
        }
        #expect(process.status == .exited(code: 0), "\(process.diagnostics)")
    }
}

extension Workbench {
    /// Jobs that end, are stopped, are lost and cannot start, followed and left.
    fileprivate func runJobsOfAllKinds() throws {
        let job = try start(shell: "echo hi; sleep 100")
        let output = followed(job)
        let left = followed(job)
        try turn { left.text == "hi\n" }
        left.close()
        _ = try stop(job, grace: .zero)
        try turn { output.hasEnded }
        _ = try tryToStart(JobSpecification(command: .program("/none", arguments: [])))
        let lost = try start(shell: "sleep 100")
        try killShim(of: lost)
        try waitForEnd(of: lost)
        try waitForEnd(of: try start(shell: "true"))
        try settle()
    }

    fileprivate func openDescriptorCount() throws -> Int {
        try reactor.kernel.list("/proc/self/fd").count
    }
}

/// Files that somebody damages, of a job that has ended: what is gone is a gap.
@Suite(.timeLimit(.minutes(10))) struct DamagedLogTests {
    @Test func `a log that was cut short`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "printf 0123456789")
        try bench.waitForEnd(of: job)
        #expect(truncate("\(bench.directory)/logs/\(job.id).log", 4) == 0)
        let output = try bench.output(of: job)
        #expect(output.text == "0123")
        #expect(output.gaps == [LogGap(offset: 4, length: 6, reason: .fileDamaged)])
        #expect(output.endedJob === job)
    }

    @Test func `an index that was emptied`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "printf 0123456789")
        try bench.waitForEnd(of: job)
        #expect(truncate("\(bench.directory)/logs/\(job.id).idx", 0) == 0)
        let output = try bench.output(of: job)
        #expect(output.textWithGaps == "..........")
        #expect(output.endedJob === job)
    }

    @Test func `a log that was removed`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "printf 0123456789")
        try bench.waitForEnd(of: job)
        #expect(unlink("\(bench.directory)/logs/\(job.id).log") == 0)
        #expect(try bench.output(of: job).error?.reason == "STORAGE_UNAVAILABLE")
    }

    @Test func `a log that grew after its end`() throws {
        let bench = try Workbench()
        let job = try bench.start(shell: "printf 0123456789")
        try bench.waitForEnd(of: job)
        #expect(truncate("\(bench.directory)/logs/\(job.id).log", 100) == 0)
        #expect(try bench.output(of: job).text == "0123456789")
    }
}
