import Glibc
import ShimProtocol
import Testing

/// How jobs start, or why they do not.
@Suite(.timeLimit(.minutes(10)))
struct ShimStartTests {
    typealias Mode = ShimProcess.Mode

    @Test(arguments: Mode.available)
    func `a start is recorded, then reported`(mode: Mode) throws {
        let shim = try ShimProcess(.running("sleep", ["1000"]), mode: mode)
        guard case .started(let leaderPID, let time)? = shim.report else {
            Issue.record("reported \(String(describing: shim.report))")
            return
        }
        let record = try #require(shim.records.first)
        #expect(
            record
                == .started(timeNanoseconds: time, shimPID: shim.pid, leaderPID: leaderPID))
        #expect(try commandLine(of: leaderPID) == ["sleep", "1000"])
        let header = try IndexHeader(decoding: shim.indexBytes)
        #expect(header.jobID == Array(1...16) && header.head == 0)
        #expect(header.createdNanoseconds <= time && header.shimPID == shim.pid)
    }

    private func commandLine(of pid: Int32) throws -> [String] {
        let file = try check(open("/proc/\(pid)/cmdline", O_RDONLY | O_CLOEXEC))
        defer { close(file) }
        return readToEnd(file).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What cannot be started, with what the daemon must be told.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let plan: ShimPlan
        let stage: StartStage
        let errno: Int32
        let detail: String

        init(
            _ description: String, _ plan: ShimPlan, _ stage: StartStage, _ errno: Int32,
            _ detail: String
        ) {
            testDescription = description
            self.plan = plan
            self.stage = stage
            self.errno = errno
            self.detail = detail
        }
    }

    static let refusals: [Refusal] = [
        Refusal(
            "no such file", .running("/no/such/program"), .execute, ENOENT, "/no/such/program"),
        Refusal("no such name", .running("no-such-name"), .execute, ENOENT, "no-such-name"),
        Refusal("no name", .running(""), .execute, ENOENT, ""),
        Refusal("not executable", .running("/etc/passwd"), .execute, EACCES, "/etc/passwd"),
        Refusal("a directory", .running("/tmp"), .execute, EACCES, "/tmp"),
        Refusal(
            "below a file", .running("/etc/passwd/x"), .execute, ENOENT, "/etc/passwd/x"),
        Refusal(
            "found in PATH, not executable",
            .running(
                "passwd", environment: [.init(name: "PATH", value: "/nowhere:/etc:/also-nowhere")]),
            .execute, EACCES, "/etc/passwd"),
        Refusal(
            "one argument of 1 MiB",
            .running("/bin/true", [String(repeating: "x", count: 1 << 20)]),
            .execute, E2BIG, "/bin/true"),
        Refusal(
            "no such directory", .running("true", workingDirectory: "/no/such/directory"),
            .workingDirectory, ENOENT, "/no/such/directory"),
        Refusal(
            "working directory is a file", .running("true", workingDirectory: "/etc/passwd"),
            .workingDirectory, ENOTDIR, "/etc/passwd"),
    ]

    @Test(arguments: Mode.available, refusals)
    func `a refusal says the stage, the errno and on what`(mode: Mode, refusal: Refusal) throws {
        let shim = try ShimProcess(refusal.plan, mode: mode)
        #expect(
            shim.report
                == .failed(stage: refusal.stage, errno: refusal.errno, detail: refusal.detail))
        #expect(shim.end() == .exited(1))
        guard case .neverRan(let record)? = shim.records.first else {
            Issue.record("recorded \(shim.records)")
            return
        }
        #expect(shim.records.count == 1 && shim.log.isEmpty)
        #expect(record.stage == refusal.stage && record.errorNumber == refusal.errno)
        #expect(refusal.detail.hasPrefix(record.detail))
        #expect(record.detail.utf8.count == min(refusal.detail.utf8.count, 28))
    }

    /// That is known only after the files were made, but before there is a process of the job.
    @Test func `a job that cannot be launched is recorded as one that never ran`() throws {
        var plan = ShimPlan.shell("echo never")
        plan.cgroupDirectory = "/no/such/group"
        let shim = try ShimProcess(plan)
        #expect(shim.report == .failed(stage: .cgroup, errno: ENOENT, detail: "/no/such/group"))
        #expect(shim.end() == .exited(1))
        guard case .neverRan(let record)? = shim.records.first else {
            Issue.record("recorded \(shim.records)")
            return
        }
        #expect(record.stage == .cgroup && record.errorNumber == ENOENT)
        #expect(record.detail == "/no/such/group")
    }

    @Test func `a directory that may not be entered is refused`() throws {
        let mode = try #require(Mode.available.last)
        let directory = try ScratchDirectory()
        try check(chmod(directory.path, 0o000))
        let shim = try ShimProcess(
            .running("true", workingDirectory: directory.path), mode: mode)
        #expect(
            shim.report
                == .failed(stage: .workingDirectory, errno: EACCES, detail: directory.path))
    }

    @Test func `a damaged plan is refused`() throws {
        var bytes = ShimPlan.shell("echo never").encoded()
        bytes[40] ^= 1
        let shim = try ShimProcess(.shell(""), rawPlan: bytes)
        #expect(shim.report == .failed(stage: .plan, errno: 0, detail: "damaged"))
        #expect(shim.end() == .exited(1))
        #expect(shim.indexBytes.isEmpty)
    }

    @Test func `a plan of another version is refused by name`() throws {
        var bytes = ShimPlan.shell("echo never").encoded()
        bytes[8] = 2
        let shim = try ShimProcess(.shell(""), rawPlan: bytes)
        #expect(
            shim.report
                == .failed(
                    stage: .plan, errno: 0, detail: "of version 2, which is not known here"))
        #expect(shim.end() == .exited(1))
        #expect(shim.indexBytes.isEmpty && shim.log.isEmpty)
    }

    @Test(arguments: Mode.available)
    func `a megabyte in ten thousand arguments runs`(mode: Mode) throws {
        let arguments = (0..<10_000).map { "\($0)-" + String(repeating: "x", count: 95) }
        let shim = try ShimProcess(
            .running("/bin/sh", ["-c", "echo $#", "sh"] + arguments), mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "10000\n")
    }

    /// As execvp(3) has it: many scripts in the world have no interpreter line.
    @Test(arguments: Mode.available)
    func `a script without an interpreter line is run by the shell`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let script = try directory.makeProgram("script", "echo \"$0 $1\"\n")
        let shim = try ShimProcess(.running(script, ["one"]), mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "\(script) one\n")
    }

    @Test func `a name is looked up in the job's own PATH`() throws {
        let directory = try ScratchDirectory()
        _ = try directory.makeProgram("true", "#!/bin/sh\necho mine\n")
        let path = ShimPlan.Variable(name: "PATH", value: "/nowhere:\(directory.path):/bin")
        let shim = try ShimProcess(.running("true", environment: [path]))
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "mine\n")
    }

    @Test(arguments: [[], ["--help"], ["one", "two"]])
    func `whoever types its name learns what it is`(arguments: [String]) throws {
        let directory = try ScratchDirectory()
        let script = "\"$@\" 2> \"$0\"; echo $? >> \"$0\""
        let answer = "\(directory.path)/answer"
        try run(["/bin/sh", "-c", script, answer, ShimProcess.binary] + arguments)
        let text = String(decoding: directory.contents(of: "answer"), as: UTF8.self)
        #expect(
            text == "cmdctl-shim keeps one job of cmdctld, which starts it; nobody else can.\n64\n")
    }

    /// Two of three ways to lose the daemon's ear: the job must not care.
    @Test(arguments: Mode.available)
    func `nobody needs to listen to the report`(mode: Mode) throws {
        let shim = try ShimProcess(.shell("echo hi"), mode: mode)
        shim.stopListening()
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "hi\n")
    }
}
