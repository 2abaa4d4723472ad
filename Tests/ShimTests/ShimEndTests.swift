import Glibc
import ShimProtocol
import Testing

/// How jobs end, on real processes: what the end record says, and that nobody is left.
///
/// A process of the job shows that it lives by holding a FIFO open; the kernel tells its death.
@Suite(.timeLimit(.minutes(10)))
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
        let witness = try Witness(in: directory)
        let gate = try Gate(in: directory)
        let daemon = "trap '' TERM HUP; exec 9> \(witness.path); echo ready >&9; exec sleep 1000"
        let shim = try ShimProcess(
            .running(
                "/bin/sh",
                ["-c", "(setsid sh -c \"$1\" &) & wait; read line < \(gate.path)", "sh", daemon]),
            mode: mode)
        #expect(try witness.readLine() == "ready")
        try gate.open()
        try witness.waitForEnd()
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.how == .exited(code: 0))
    }

    /// As after `sudo sleep 1000 &`: nobody but root can end that process, so a job that is not
    /// root's cannot wait for it.
    @Test(.enabled(if: Mode.available.contains(.unprivileged)))
    func `what may not be killed does not keep a job from ending`() throws {
        let directory = try ScratchDirectory()
        let witness = try Witness(in: directory)
        let gate = try Gate(in: directory)
        let sudo = "\(directory.path)/sudo"
        try run(["/bin/sh", "-c", "cp /usr/bin/setpriv \(sudo) && chmod 4755 \(sudo)"])
        let line = """
            \(sudo) --reuid=0 --clear-groups sh -c 'echo $$; exec sleep 1000' > \(witness.path) &
            read line < \(gate.path); exit 8
            """
        let shim = try ShimProcess(.shell(line), mode: .unprivileged)
        let survivor = try #require(Int32(try witness.readLine()))
        try gate.open()
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict?.how == .exited(code: 8))
        #expect(kill(survivor, SIGKILL) == 0, "it was there until now")
        try witness.waitForEnd()
    }

    /// The processes refill each other's places as fast as they can.
    ///
    /// RLIMIT_NPROC counts by user, and this user is nobody else's.
    @Test(.enabled(if: Mode.available.contains(.unprivileged)))
    func `a fork bomb is ended`() throws {
        let directory = try ScratchDirectory()
        let witness = try Witness(in: directory)
        let gate = try Gate(in: directory)
        let line = """
            exec 9> \(witness.path) 2> /dev/null
            bomb() { bomb | bomb & }
            bomb
            echo ready >&9
            read line < \(gate.path)
            """
        let shim = try ShimProcess(
            .shell(line), mode: .unprivileged, wrapper: ["/usr/bin/prlimit", "--nproc=60"],
            user: 3 * ShimProcess.otherUser)
        #expect(try witness.readLine() == "ready")
        try gate.open()
        try witness.waitForEnd()
        #expect(shim.end() == .exited(0))
        #expect(shim.verdict != nil)
    }
}
