import Glibc
import ShimProtocol
import Testing

/// What a daemon may ask of a running shim, and what may happen to a shim.
@Suite(.timeLimit(.minutes(10)))
struct ShimCommandTests {
    typealias Mode = ShimProcess.Mode

    /// Starts a line of shell that says on descriptor 9 when it is ready, and waits for that.
    private func start(
        _ line: String, _ mode: Mode, _ directory: ScratchDirectory
    ) throws -> (shim: ShimProcess, witness: Witness) {
        let witness = try Witness(in: directory)
        let shim = try ShimProcess(.shell("exec 9> \(witness.path); \(line)"), mode: mode)
        #expect(try witness.readLine() == "ready")
        return (shim, witness)
    }

    @Test(arguments: Mode.available)
    func `a signal goes to the leader alone`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let line = """
            trap 'echo leader; exit 4' USR1
            sh -c 'trap "echo child" USR1; echo ready >&9; sleep 1000 & wait' & wait
            """
        let (shim, _) = try start(line, mode, directory)
        shim.command(.signal, value: SIGUSR1)
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "leader\n")
        #expect(shim.verdict?.how == .exited(code: 4))
    }

    @Test(arguments: Mode.available)
    func `a stop signal goes to the whole group`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let line = """
            trap : TERM
            sh -c 'trap "echo child; exit" TERM; echo ready >&9; sleep 1000 & wait' &
            wait; wait; echo leader; exit 5
            """
        let (shim, _) = try start(line, mode, directory)
        shim.command(.stopSignal, value: SIGTERM)
        #expect(shim.end() == .exited(0))
        #expect(shim.text == "child\nleader\n")
        let verdict = try #require(shim.verdict)
        #expect(verdict.how == .exited(code: 5))
        #expect(verdict.stopRequested && !verdict.killedByShim && !verdict.signalRequested)
    }

    @Test(arguments: Mode.available)
    func `the end of the job's time is a stop that says so`(mode: Mode) throws {
        let shim = try ShimProcess(.running("sleep", ["1000"]), mode: mode)
        _ = shim.report
        shim.command(.timeOver, value: 0)
        #expect(shim.end() == .exited(0))
        let verdict = try #require(shim.verdict)
        #expect(verdict.how == .signaled(number: SIGTERM))
        #expect(verdict.timedOut && verdict.stopRequested)
    }

    @Test(arguments: Mode.available)
    func `a deadly signal that was asked for is recorded as such`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let (shim, _) = try start("echo ready >&9; exec sleep 1000", mode, directory)
        shim.command(.signal, value: SIGINT)
        #expect(shim.end() == .exited(0))
        let verdict = try #require(shim.verdict)
        #expect(verdict.how == .signaled(number: SIGINT))
        #expect(verdict.signalRequested && !verdict.stopRequested && !verdict.killedByShim)
    }

    /// A program that is the first process of its namespace would be spared SIGTERM.
    @Test(arguments: Mode.available)
    func `sleep is ended by the first signal`(mode: Mode) throws {
        let shim = try ShimProcess(.running("sleep", ["1000"]), mode: mode)
        _ = shim.report
        shim.command(.stopSignal, value: SIGTERM)
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.how == .signaled(number: SIGTERM))
    }

    @Test(arguments: Mode.available)
    func `a kill ends everything, also what ignores all else`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let line = """
            trap '' TERM INT HUP QUIT
            (setsid sh -c 'echo ready >&9; sleep 1000 & wait') & wait
            """
        let (shim, processes) = try start(line, mode, directory)
        shim.command(.stopSignal, value: SIGTERM)
        shim.command(.kill)
        try processes.waitForEnd()
        #expect(shim.end() == .exited(0))
        let verdict = try #require(shim.verdict)
        #expect(verdict.how == .signaled(number: SIGKILL))
        #expect(verdict.killedByShim && verdict.stopRequested)
    }

    @Test(arguments: Mode.available)
    func `a number that is no signal is ignored`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let gate = try Gate(in: directory)
        let (shim, _) = try start(
            "echo ready >&9; read line < \(gate.path)", mode, directory)
        for number in [0, -1, 65, .max] as [Int32] {
            shim.command(.signal, value: number)
            shim.command(.stopSignal, value: number)
        }
        try gate.open()
        #expect(shim.end() == .exited(0))
        let verdict = try #require(shim.verdict)
        #expect(verdict.how == .exited(code: 0) && !verdict.stopRequested)
    }

    /// An operator's `pkill cmdctl`, a terminal's ^C, an early `systemctl stop`.
    @Test(arguments: Mode.available)
    func `no signal but SIGKILL ends a shim`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let gate = try Gate(in: directory)
        let (shim, _) = try start(
            "echo ready >&9; read line < \(gate.path)", mode, directory)
        // These two are commands without a value, whoever sends them.
        let plainCommands = [ShimCommand.kill, .timeOver].map(\.signalNumber)
        for number in (1...64) as ClosedRange<Int32>
        where !(plainCommands + [SIGKILL, SIGSTOP]).contains(number) {
            kill(shim.pid, number)
        }
        try gate.open()
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.how == .exited(code: 0))
    }

    @Test(arguments: Mode.available)
    func `the leader dies with its shim`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let (shim, leader) = try start("echo ready >&9; exec sleep 1000", mode, directory)
        kill(shim.pid, SIGKILL)
        try leader.waitForEnd()
        #expect(shim.end() == .signaled(SIGKILL))
        #expect(shim.verdict == nil)
    }

    @Test(.enabled(if: Mode.available.contains(.namespace)))
    func `a whole namespace dies with its shim`() throws {
        let directory = try ScratchDirectory()
        let line = "(setsid sh -c 'trap \"\" HUP; echo ready >&9; exec sleep 1000') & wait"
        let (shim, processes) = try start(line, .namespace, directory)
        kill(shim.pid, SIGKILL)
        try processes.waitForEnd()
        #expect(shim.end() == .signaled(SIGKILL))
    }

    /// Somebody killed the first process from outside: nobody can tell how the leader ended, but
    /// the kernel killed it, so that is what happened.
    @Test(.enabled(if: Mode.available.contains(.namespace)))
    func `a namespace that loses its first process was killed`() throws {
        let directory = try ScratchDirectory()
        let (shim, leader) = try start("echo ready >&9; exec sleep 1000", .namespace, directory)
        guard case .started(let leaderPID, _)? = shim.report else { return }
        kill(try parent(of: leaderPID), SIGKILL)
        try leader.waitForEnd()
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.how == .signaled(number: SIGKILL))
        #expect(shim.verdict?.killedByShim == false)
    }

    private func parent(of pid: Int32) throws -> Int32 {
        let file = try check(open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC))
        defer { close(file) }
        let fields = String(decoding: readToEnd(file), as: UTF8.self).split(separator: " ")
        return try #require(Int32(fields[3]))
    }

    /// A first process that ends with a command unread leaves an error on its link, before its
    /// report; so both are stopped at the moments that bring this about.
    @Test(.enabled(if: Mode.available.contains(.namespace)))
    func `a command that crosses the end does not hide how it was`() throws {
        let directory = try ScratchDirectory()
        let gate = try Gate(in: directory)
        let line = "echo ready >&9; read line < \(gate.path); exit 9"
        let (shim, witness) = try start(line, .namespace, directory)
        guard case .started(let leaderPID, _)? = shim.report else { return }
        let first = try parent(of: leaderPID)
        kill(first, SIGSTOP)
        try gate.open()
        try witness.waitForEnd()
        shim.command(.signal, value: SIGURG)
        while try status(of: shim.pid, "ShdPnd") != "0000000000000000" { sched_yield() }
        kill(shim.pid, SIGSTOP)
        kill(first, SIGCONT)
        while try !status(of: first, "State").hasPrefix("Z") { sched_yield() }
        kill(shim.pid, SIGCONT)
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.how == .exited(code: 9))
    }

    private func status(of pid: Int32, _ field: String) throws -> String {
        let file = try check(open("/proc/\(pid)/status", O_RDONLY | O_CLOEXEC))
        defer { close(file) }
        let lines = String(decoding: readToEnd(file), as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("\(field):") })
        return String(line.dropFirst(field.count + 2))
    }

    /// An operator stopped the first process; a kill must work nevertheless, after its grace.
    @Test(.enabled(if: Mode.available.contains(.namespace)))
    func `a first process that does not answer is killed itself`() throws {
        let directory = try ScratchDirectory()
        let (shim, witness) = try start("echo ready >&9; exec sleep 1000", .namespace, directory)
        guard case .started(let leaderPID, _)? = shim.report else { return }
        kill(try parent(of: leaderPID), SIGSTOP)
        shim.command(.kill)
        try witness.waitForEnd()
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.killedByShim == true)
    }

    /// The lock on the index is how a daemon knows that a job lives: it must end with the shim.
    @Test(arguments: Mode.available)
    func `the lock on the index is the shim's alone`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let (shim, leader) = try start("echo ready >&9; exec sleep 1000", mode, directory)
        let index = try check(open("\(shim.directory.path)/index", O_RDWR | O_CLOEXEC))
        defer { close(index) }
        #expect(flock(index, LOCK_EX | LOCK_NB) == -1)
        kill(shim.pid, SIGKILL)
        shim.end()
        #expect(flock(index, LOCK_EX | LOCK_NB) == 0)
        try leader.waitForEnd()
    }
}
