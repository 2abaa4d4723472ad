import Glibc
import Testing

/// Every way a job can end has one state, one outcome, and a code or a signal or neither.
@Suite(.timeLimit(.minutes(10)))
struct OutcomeTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    /// What is done to a job that has printed `ready`.
    enum Deed: Sendable {
        case nothing
        case cmdctl([String])
        case killLeader
        case killShim
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let script: String
        var deed = Deed.nothing
        let ending: Ending

        init(_ title: String, _ script: String, _ deed: Deed = .nothing, ends ending: Ending) {
            testDescription = title
            self.script = script
            self.deed = deed
            self.ending = ending
        }
    }

    static let rows = [
        Row("exits 0", "exit 0", ends: Ending("SUCCEEDED", code: 0)),
        Row("exits 3", "exit 3", ends: Ending("FAILED", code: 3)),
        Row("crashes", "kill -SEGV $$", ends: Ending("FAILED", signal: 11)),
        Row(
            "is killed from outside", "exec sleep 4321", .killLeader,
            ends: Ending("FAILED", signal: 9)),
        Row("stops", "exec sleep 4321", .cmdctl(["stop"]), ends: Ending("STOPPED", signal: 15)),
        Row(
            "stops with a code of its own", "trap 'exit 5' TERM; while :; do sleep 0.01; done",
            .cmdctl(["stop"]), ends: Ending("STOPPED", code: 5)),
        Row(
            "does not stop in time", "trap '' TERM; while :; do sleep 0.01; done",
            .cmdctl(["stop", "--grace", "100ms"]), ends: Ending("KILLED", signal: 9)),
        Row(
            "stops at once", "trap '' TERM; while :; do sleep 0.01; done",
            .cmdctl(["stop", "--grace", "0s"]), ends: Ending("KILLED", signal: 9)),
        Row("is killed", "exec sleep 4321", .cmdctl(["kill"]), ends: Ending("KILLED", signal: 9)),
        Row(
            "is sent a deadly signal", "exec sleep 4321", .cmdctl(["kill", "-s", "INT"]),
            ends: Ending("KILLED", signal: 2)),
        Row("loses its shim", "exec sleep 4321", .killShim, ends: Ending("LOST")),
    ]

    @Test(arguments: rows)
    func `a job that`(_ row: Row) throws {
        let job = try daemon.runShell("echo ready; \(row.script)", flags: ["--name", "subject"])
        #expect(try daemon.start(["get-output", job]).nextLine() == "ready")
        try perform(row.deed, on: job)
        #expect(try daemon.ending(of: job) == row.ending)
    }

    @Test func `whose time is over is timed out, and whoever follows exits with 124`() throws {
        let finished = try daemon.cmdctl(
            "run", "--follow", "--timeout", "300ms", "--", "sh", "-c", "echo in time; sleep 4321")
        #expect(finished.code == 124, "\(finished)")
        #expect(finished.line == "in time")
        let job = try #require(try daemon.cmdctl("list", "-o", "name").lines.first)
        #expect(try daemon.status(job).ending == Ending("TIMED_OUT", signal: 15))
        #expect(try daemon.cmdctl("wait", job).code == 124)
        let details = try daemon.cmdctl("get-status", job)
        #expect(details.text.contains("timed-out"), "\(details)")
        #expect(details.text.contains("Time limit:"), "\(details)")
        #expect(try daemon.cmdctl("list").text.contains("timed-out (SIGTERM)"))
    }

    @Test func `asks for more time than there is gets what there is`() throws {
        let daemon = try Daemon(configuration: "timeout_max: 1s\ntimeout_default: 1s\n")
        for flags in [[], ["--timeout", "1h"]] {
            let job = try daemon.run(["sleep", "4321"], flags: flags)
            #expect(try daemon.ending(of: job) == Ending("TIMED_OUT", signal: 15))
        }
    }

    @Test func `a signal that is handled ends nothing`() throws {
        let job = try daemon.runShell(
            "trap 'echo caught' USR1; echo ready; while :; do sleep 0.01; done")
        let follower = try daemon.start(["get-output", job])
        #expect(try follower.nextLine() == "ready")
        #expect(try daemon.cmdctl("kill", "-s", "USR1", job).code == 0)
        #expect(try follower.nextLine() == "caught")
        #expect(try daemon.status(job).state == "JOB_STATE_RUNNING")
    }

    @Test func `one that cannot be started leaves a record of why`() throws {
        let finished = try daemon.cmdctl("run", "--", "/nonexistent/program")
        #expect(finished.code == 127, "\(finished)")
        let job = try #require(try daemon.cmdctl("list", "-o", "name").lines.first)
        let status = try daemon.status(job)
        #expect(status.ending == Ending("START_FAILED"))
        #expect(try daemon.cmdctl("wait", job).code != 0)
    }

    @Test(arguments: [("exit 0", 0), ("exit 9", 9), ("kill -INT $$", 130)])
    func `wait ends with the code of one job`(script: String, code: Int32) throws {
        let job = try daemon.runShell(script)
        #expect(try daemon.cmdctl("wait", job).code == code)
    }

    @Test func `wait for several says whether all went well`() throws {
        let good = try (0..<2).map { _ in try daemon.run(["true"]) }
        let bad = try daemon.runShell("exit 9")
        #expect(try daemon.start(["wait"] + good).finish().code == 0)
        #expect(try daemon.start(["wait"] + good + [bad]).finish().code == 1)
    }

    @Test func `a lost job is never a success`() throws {
        let job = try daemon.run(["sleep", "4321"])
        kill(try daemon.shim(of: job), SIGKILL)
        #expect(try daemon.cmdctl("wait", job).code == 125)
        #expect(try daemon.cmdctl("get-output", "--exit-code", job).code == 125)
    }

    private func perform(_ deed: Deed, on job: String) throws {
        switch deed {
        case .nothing:
            break
        case .cmdctl(let arguments):
            let finished = try daemon.start(arguments + [job]).finish()
            #expect(finished.code == 0, "\(finished)")
        case .killLeader:
            let leaders = try ProcessTable.descendants(of: daemon.shim(of: job)).filter {
                ProcessTable.arguments(of: $0) == ["sleep", "4321"]
            }
            kill(try #require(leaders.first), SIGKILL)
        case .killShim:
            kill(try daemon.shim(of: job), SIGKILL)
        }
    }
}
