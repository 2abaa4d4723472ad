import Testing

/// Output reaches a follower as it is written, whole and in order, and the follow ends with the job.
///
/// Order is observed by gates: a job does not write its next line before the test has seen the last.
@Suite(.timeLimit(.minutes(10)))
struct StreamingTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    @Test func `get-output streams line by line while the job runs`() throws {
        let gates = (1...3).map { Gate("gate\($0)", in: daemon.directory) }
        let script = gates.enumerated().map { "echo line \($0 + 1); \($1.wait)" }
        let job = try daemon.runShell(script.joined(separator: "; "))

        let follower = try daemon.start(["get-output", job])
        for (number, gate) in gates.enumerated() {
            #expect(try follower.nextLine() == "line \(number + 1)")
            #expect(try daemon.status(job).state == "JOB_STATE_RUNNING")
            try gate.open()
        }
        #expect(try follower.nextLine() == nil)
        #expect(try follower.finish().code == 0)
    }

    @Test(arguments: [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)])
    func `run --follow ends with the job's code`(script: String, code: Int32) throws {
        let finished = try daemon.cmdctl("run", "--follow", "--", "sh", "-c", "echo hi; \(script)")
        #expect(finished.code == code, "\(finished)")
        #expect(finished.text == "hi\n", "\(finished)")
    }

    @Test func `both streams arrive on their own side, also through their device names`() throws {
        let finished = try daemon.cmdctl(
            "run", "--follow", "--", "sh", "-c",
            "echo a; echo b >&2; echo c > /dev/stdout; echo d > /dev/stderr")
        #expect(finished.text == "a\nc\n", "\(finished)")
        #expect(finished.errorText == "b\nd\n", "\(finished)")
        #expect(finished.code == 0)
    }

    @Test func `merged output is one stream in exact order`() throws {
        let finished = try daemon.cmdctl(
            "run", "--follow", "--merge", "--", "sh", "-c",
            "for i in 1 2 3 4 5 6 7 8 9; do echo $i; echo $i >&2; done")
        #expect(finished.lines == (1...9).flatMap { ["\($0)", "\($0)"] }, "\(finished)")
    }

    @Test func `a gibibyte of random bytes arrives as it was written`() throws {
        let sum = daemon.directory.path("sum")
        let fifo = daemon.directory.path("fifo")
        let job = try daemon.runShell(
            "mkfifo \(fifo) && { sha256sum < \(fifo) > \(sum) & head -c 1073741824 /dev/urandom"
                + " | tee \(fifo); wait; }")
        let follow = ([Programs.cmdctl, "--server", daemon.address] + daemon.alice.flags)
            .joined(separator: " ")
        let received = try RunningProgram(
            Spawn(path: "/bin/sh", arguments: ["-c", "\(follow) get-output \(job) | sha256sum"])
        ).finish(by: Deadline(seconds: 280))
        let written = try RunningProgram(Spawn(path: "/bin/cat", arguments: [sum])).finish()

        #expect(written.line.count > 64, "\(written)")
        #expect(received.line == written.line, "\(received)")
        #expect(try daemon.status(job).outputSize == "1073741824")
    }

    @Test func `lines without end, NULs and broken UTF-8 come through untouched`() throws {
        let bytes: [UInt8] = [0, 255, 254, 13, 10, 0xC3, 7, 27, 0x80, 10, 10, 0]
        let octal = bytes.map { "\\0" + String($0, radix: 8) }.joined()
        let finished = try daemon.cmdctl("run", "--follow", "--", "printf", "%b", octal)
        #expect(finished.output == bytes, "\(finished)")
    }

    @Test func `jobs that print and exit at once lose nothing`() throws {
        let started = try (0..<60).map { number in
            try daemon.start(["run", "--follow", "--", "echo", "job \(number)"])
        }
        for (number, program) in started.enumerated() {
            let finished = try program.finish()
            #expect(finished.text == "job \(number)\n", "\(finished)")
            #expect(finished.code == 0, "\(finished)")
        }
    }

    @Test func `many followers of one log each get all of it`() throws {
        let gate = Gate("gate", in: daemon.directory)
        let job = try daemon.runShell("echo first; \(gate.wait); seq 1 50000")
        let followers = try (0..<20).map { _ in try daemon.start(["get-output", job]) }
        for follower in followers { #expect(try follower.nextLine() == "first") }
        try gate.open()

        let expected = "first\n" + (1...50_000).map { "\($0)\n" }.joined()
        for follower in followers {
            let finished = try follower.finish()
            #expect(finished.code == 0, "\(finished)")
            #expect(finished.text == expected)
        }
    }

    @Test func `an ended job's whole output can be had again and again`() throws {
        let job = try daemon.runShell("seq 1 10; exit 4")
        #expect(try daemon.cmdctl("wait", job).code == 4)
        for _ in 0..<2 {
            let finished = try daemon.cmdctl("get-output", job)
            #expect(finished.lines == (1...10).map(String.init), "\(finished)")
            #expect(finished.code == 0, "\(finished)")
        }
        #expect(try daemon.cmdctl("get-output", "--exit-code", job).code == 4)
    }
}
