import Glibc
import ShimProtocol
import Testing

/// How jobs end, on real processes: what the end record says, and that nobody is left.
///
/// A process of the job shows that it lives by holding a FIFO open; the kernel tells its death.
@Suite(.timeLimit(.minutes(2)))
struct ShimEndTests {
    typealias Mode = ShimProcess.Mode

    static let ends: [(line: String, how: ProcessEnd)] = [
        ("exit 0", .exited(code: 0)),
        ("exit 7", .exited(code: 7)),
        ("exit 255", .exited(code: 255)),
        ("kill -TERM $$", .signaled(number: SIGTERM)),
        ("kill -KILL $$", .signaled(number: SIGKILL)),
        ("kill -SEGV $$", .signaled(number: SIGSEGV)),
    ]

    @Test(arguments: Mode.available, ends)
    func `the end record says how the command ended`(
        mode: Mode, end: (line: String, how: ProcessEnd)
    ) throws {
        let shim = try ShimProcess(.shell("echo out; \(end.line)"), mode: mode)
        #expect(shim.end() == .exited(0))
        let verdict = try #require(shim.verdict)
        #expect(verdict.how == end.how)
        #expect(!verdict.killedByShim && !verdict.stopRequested && !verdict.signalRequested)
        #expect(verdict.outputSize == 4 && verdict.droppedBytes == 0)
        #expect(shim.text == "out\n")
    }

    @Test(arguments: Mode.available)
    func `a job ends with its leader, whatever still runs`(mode: Mode) throws {
        let shim = try ShimProcess(.shell("sleep 1000 & echo hi; exit 3"), mode: mode)
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.how == .exited(code: 3))
        #expect(shim.text == "hi\n")
    }

    /// A daemon leaves its session and its parent; it must not leave the job.
    @Test(arguments: Mode.available)
    func `a daemon that detached itself twice is killed`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let fifo = try directory.makeFIFO("alive")
        let go = try directory.makeFIFO("go")
        let shim = try ShimProcess(
            .shell(
                """
                (setsid sh -c '(trap "" TERM HUP; exec sleep 1000) > \(fifo) & exit') &
                wait; read line < \(go)
                """), mode: mode)
        let daemon = try FIFOHolder(fifo)
        try writeLine(to: go)
        daemon.waitForEnd()
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict != nil)
    }

    /// The processes refill each other's places as fast as they can.
    ///
    /// RLIMIT_NPROC counts by user,
    /// and this user is nobody else's.
    @Test(arguments: Mode.withoutNamespace)
    func `a fork bomb is ended`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let fifo = try directory.makeFIFO("alive")
        let go = try directory.makeFIFO("go")
        let bomb = "exec 9> \(fifo); bomb() { bomb | bomb & }; bomb 2> /dev/null; echo > \(fifo)"
        let shim = try ShimProcess(
            .shell("\(bomb); read line < \(go)"), mode: .unprivileged,
            wrapper: ["/usr/bin/prlimit", "--nproc=60"])
        let processes = try FIFOHolder(fifo)
        _ = processes.readLine()
        try writeLine(to: go)
        processes.waitForEnd()
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict != nil)
    }
}

/// Opens a FIFO as soon as somebody reads from it, and writes an empty line.
func writeLine(to fifo: String) throws {
    let file = try check(open(fifo, O_WRONLY | O_CLOEXEC))
    defer { close(file) }
    try check(write(file, "\n", 1))
}
