import Glibc
import ShimProtocol
import Testing

/// How jobs end, on real processes.
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
}
