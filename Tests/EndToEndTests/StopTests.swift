import Glibc
import Testing

/// Stopping a job stops all of it, and what dies with what.
@Suite(.timeLimit(.minutes(10)))
struct StopTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    @Test func `stop answers when the job has ended`() throws {
        let job = try daemon.runShell("trap 'echo bye; exit 0' TERM; while :; do sleep 0.01; done")
        let finished = try daemon.cmdctl("stop", job)
        #expect(finished.code == 0, "\(finished)")
        #expect(try daemon.status(job).state == "JOB_STATE_EXITED")
    }

    @Test func `of concurrent stops one stops, the others find it ended`() throws {
        let job = try daemon.runShell(
            "trap 'sleep 0.3; exit 0' TERM; echo ready; while :; do sleep 0.01; done")
        #expect(try daemon.start(["get-output", job]).nextLine() == "ready")
        let stops = try (0..<5).map { _ in try daemon.start(["stop", job]) }
        let finished = try stops.map { try $0.finish() }
        #expect(finished.count { $0.code == 0 } == 1, "\(finished)")
        for late in finished where late.code != 0 {
            #expect(late.code == 125, "\(late)")
            #expect(late.errorText.contains("has already ended"), "\(late)")
        }
        #expect(try daemon.ending(of: job) == Ending("STOPPED", code: 0))
    }

    @Test func `reads run beside a stop`() throws {
        let gate = Gate("gate", in: daemon.directory)
        let job = try daemon.runShell(
            "trap 'echo stopping; \(gate.wait); exit 0' TERM; echo ready;"
                + " while :; do sleep 0.01; done")
        let follower = try daemon.start(["get-output", job])
        #expect(try follower.nextLine() == "ready")
        let stop = try daemon.start(["stop", job])
        #expect(try follower.nextLine() == "stopping")
        #expect(try daemon.status(job).state == "JOB_STATE_STOPPING")
        try gate.open()
        #expect(try stop.finish().code == 0)
    }

    @Test func `what a leader leaves behind dies with it, and the follow ends`() throws {
        let finished = try daemon.cmdctl(
            "run", "--follow", "--", "sh", "-c", "sleep 7654 & setsid sleep 7655 & echo hi")
        #expect(finished.text == "hi\n", "\(finished)")
        #expect(finished.code == 0, "\(finished)")
        #expect(survivors(of: ["7654", "7655"]).isEmpty)
    }

    @Test(arguments: [["stop"], ["stop", "--grace", "0s"], ["kill"]])
    func `grandchildren die too, in a session of their own or not`(verb: [String]) throws {
        // Durations nobody else sleeps for, so that the processes can be told by them.
        let marks = (0..<3).map { "98\(getpid() % 1_000)\(daemon.port)\($0)" }
        let job = try daemon.runShell(
            "sh -c 'sleep \(marks[0]) & sleep \(marks[1])' & setsid sh -c 'sleep \(marks[2])' &"
                + " echo ready; wait")
        #expect(try daemon.start(["get-output", job]).nextLine() == "ready")
        let finished = try daemon.start(verb + [job]).finish()
        #expect(finished.code == 0, "\(finished)")
        _ = try daemon.cmdctl("wait", job)
        #expect(survivors(of: marks).isEmpty)
    }

    /// Only a PID namespace ties every process of a job to its shim, and only root makes one.
    @Test(arguments: geteuid() == 0 ? [false, true] : [])
    func `a job dies with its shim, also without a daemon`(daemonIsDead: Bool) throws {
        let job = try daemon.runShell("setsid sleep 6543 & echo ready; sleep 6544")
        #expect(try daemon.start(["get-output", job]).nextLine() == "ready")
        let shim = try daemon.shim(of: job)
        let processes = ProcessTable.descendants(of: shim)
        #expect(processes.count >= 3, "\(processes)")
        if daemonIsDead {
            daemon.program.signal(SIGKILL)
            try daemon.program.waitForEnd()
        }
        kill(shim, SIGKILL)
        for process in processes { try ProcessTable.waitForEnd(of: process) }
    }

    @Test func `stop takes several jobs, and rm deletes ended ones only`() throws {
        let jobs = try (0..<3).map { _ in try daemon.run(["sleep", "1000"]) }
        let early = try daemon.cmdctl("rm", jobs[0])
        #expect(early.code == 125, "\(early)")
        #expect(early.errorText.contains("Stop it first"), "it says what to do: \(early)")
        #expect(try daemon.start(["stop"] + jobs).finish().code == 0)
        #expect(try daemon.start(["rm"] + jobs).finish().code == 0)
        #expect(try daemon.cmdctl("list", "-o", "name").text == "")
        #expect(daemon.jobIDs.isEmpty, "log and index go with the record")
    }

    private func survivors(of marks: [String]) -> [pid_t] {
        marks.flatMap(ProcessTable.withArgument).filter { pid in
            ProcessTable.isAlive(pid) && ProcessTable.arguments(of: pid).first == "sleep"
        }
    }
}
