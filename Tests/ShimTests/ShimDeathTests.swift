import Glibc
import ShimCore
import ShimProtocol
import Testing

/// A shim is killed at each of its steps: its job dies with it, what it wrote can be read, and
/// nothing claims to know how the job ended unless it is known.
///
/// A debug build of the shim ends itself at the step it is told; see `ShimStopPoint`.
@Suite(.timeLimit(.minutes(10)))
struct ShimDeathTests {
    typealias Mode = ShimProcess.Mode

    /// A process that holds the witness open is in the job until the job is gone.
    private static func job(_ witness: Witness) -> ShimPlan {
        .shell("exec 9> \(witness.path); echo first; echo second >&2; echo third; exit 5")
    }

    private static func stopping(at step: ShimStopPoint, time: Int = 1) -> [String] {
        ["/usr/bin/env", "CMDCTL_SHIM_STOP_AT=\(step.rawValue):\(time)"]
    }

    @Test(arguments: Mode.available, ShimStopPoint.allCases)
    func `a shim that is killed takes its job with it`(mode: Mode, step: ShimStopPoint) throws {
        let directory = try ScratchDirectory()
        let witness = try Witness(in: directory)
        let shim = try ShimProcess(
            Self.job(witness), mode: mode, wrapper: Self.stopping(at: step))
        #expect(shim.end() == .signaled(SIGKILL))
        try witness.waitForEnd(ofAny: true)
        try shim.waitForLock()
        expectTruth(in: shim)
        let isSealed = step == .endRecorded || step == .endSynchronized
        #expect((shim.verdict?.how == .exited(code: 5)) == isSealed)
        #expect((shim.verdict == nil) != isSealed)
    }

    @Test(arguments: Mode.available, 1...3)
    func `what was written before the kill stays`(mode: Mode, time: Int) throws {
        let shim = try ShimProcess(
            .shell("while echo line; do echo error >&2; done"), mode: mode,
            wrapper: Self.stopping(at: .outputWritten, time: time))
        #expect(shim.end() == .signaled(SIGKILL))
        let runs = shim.records.filter { if case .run = $0 { true } else { false } }
        #expect(!runs.isEmpty && !shim.log.isEmpty)
        let lines = shim.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.dropLast().allSatisfy { ["line", "error"].contains($0) })
    }

    /// A report is told at most once, and not before it is on record.
    private func expectTruth(in shim: ShimProcess) {
        let index = shim.indexBytes
        #expect(index.isEmpty || (try? IndexHeader(decoding: index))?.shimPID == shim.pid)
        let wasStarted = shim.records.contains { if case .started = $0 { true } else { false } }
        if case .started? = shim.report { #expect(wasStarted) }
        #expect(wasStarted || shim.log.isEmpty)
        // Two pipes: their order is the reader's, but nothing is torn or repeated.
        let bytes = shim.output(from: .stdout) + shim.output(from: .stderr)
        #expect(bytes.count == shim.log.count)
        #expect("first\nthird\n".utf8.starts(with: shim.output(from: .stdout)))
        #expect("second\n".utf8.starts(with: shim.output(from: .stderr)))
    }
}

extension ShimProcess {
    /// Waits until the lock on the index is free, as it is when its shim is gone.
    ///
    /// That may take a moment longer here: what this process forks has the index open until it
    /// executes something.
    func waitForLock() throws {
        let index = try check(open("\(directory.path)/index", O_RDONLY | O_CLOEXEC))
        defer { close(index) }
        try check(flock(index, LOCK_EX))
    }
}
