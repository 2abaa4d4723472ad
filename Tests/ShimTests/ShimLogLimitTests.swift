import Glibc
import ShimProtocol
import Testing

/// Real jobs that write more than they may: what their files take, and what is told of the rest.
@Suite(.timeLimit(.minutes(10)))
struct ShimLogLimitTests {
    typealias Mode = ShimProcess.Mode

    /// 13,815,232 bytes that tell their place.
    private static let numbers = "seq 1 1865792"
    private static let numbersCount: UInt64 = 13_815_232

    private static func plan(
        _ line: String, bytesMax: UInt64, _ action: ShimPlan.LogLimit.Action
    ) -> ShimPlan {
        var plan = ShimPlan.shell(line)
        plan.logLimit = ShimPlan.LogLimit(bytesMax: bytesMax, action: action)
        return plan
    }

    @Test(arguments: Mode.available)
    func `the newest output is kept, at its offsets`(mode: Mode) throws {
        let bytesMax: UInt64 = 1 << 20
        let shim = try ShimProcess(
            Self.plan("\(Self.numbers); exit 3", bytesMax: bytesMax, .keepNewest), mode: mode)
        #expect(shim.end() == .exited(0))
        let end = try #require(shim.lastEnd)
        #expect(end.how == .exited(code: 3) && end.droppedBytes == 0 && !end.killedByLogLimit)
        #expect(end.outputSize == Self.numbersCount)
        let header = try IndexHeader(decoding: shim.indexBytes)
        #expect(end.outputSize - header.head <= bytesMax)
        #expect(end.outputSize - header.head > bytesMax - bytesMax / 16)
        // A block is not given back for a part of it, and one more may hold the file's map.
        #expect(try shim.diskBytes() <= bytesMax + 4 * 4096)
        let kept = shim.log.dropFirst(Int(header.head))
        #expect(kept.elementsEqual(Self.sequence.dropFirst(Int(header.head))))
    }

    /// A record for every byte: the index grows far faster than the log.
    @Test(arguments: Mode.available)
    func `an index of many small runs is given up, too`(mode: Mode) throws {
        let bytesMax = ShimPlan.LogLimit.bytesMin
        let line = """
            i=0; while [ $i -lt 3000 ]; do printf o; /bin/true; printf e >&2; /bin/true; \
            i=$((i+1)); done
            """
        let shim = try ShimProcess(Self.plan(line, bytesMax: bytesMax, .keepNewest), mode: mode)
        #expect(shim.end() == .exited(0))
        let end = try #require(shim.lastEnd)
        #expect(end.outputSize == 6000 && end.droppedBytes == 0)
        let header = try IndexHeader(decoding: shim.indexBytes)
        #expect(header.firstRecord > 100 && header.head > 50)
        #expect(try shim.diskBytes() <= bytesMax + 4 * 4096)
        guard case .started? = IndexRecord(decoding: Array(shim.indexBytes[64..<128])) else {
            Issue.record("the start of the job is gone")
            return
        }
    }

    @Test(arguments: Mode.available)
    func `what has no room is dropped, and told at once`(mode: Mode) throws {
        let bytesMax: UInt64 = 200_000
        let shim = try ShimProcess(
            Self.plan("\(Self.numbers); exit 4", bytesMax: bytesMax, .dropNewest), mode: mode)
        #expect(shim.end() == .exited(0))
        let end = try #require(shim.verdict)
        #expect(end.how == .exited(code: 4) && !end.killedByLogLimit)
        #expect(end.outputSize + end.droppedBytes == Self.numbersCount)
        #expect(shim.gaps.allSatisfy { $0.reason == .logLimit && $0.offset == end.outputSize })
        #expect(shim.gaps.map(\.droppedBytes).reduce(0, +) == end.droppedBytes)
        #expect(shim.log == Array(Self.sequence.prefix(Int(end.outputSize))))
        let size = UInt64(shim.log.count + shim.indexBytes.count)
        #expect(size <= bytesMax && size > bytesMax - 2 * 64)
    }

    @Test(arguments: Mode.available)
    func `a job that may not outlive its limit is killed`(mode: Mode) throws {
        let bytesMax: UInt64 = 300_000
        let shim = try ShimProcess(Self.plan("yes", bytesMax: bytesMax, .stopJob), mode: mode)
        #expect(shim.end() == .exited(0))
        let end = try #require(shim.verdict)
        #expect(end.how == .signaled(number: SIGKILL) && end.killedByLogLimit)
        #expect(!end.killedByShim && !end.stopRequested && end.droppedBytes > 0)
        let size = UInt64(shim.log.count + shim.indexBytes.count)
        #expect(size <= bytesMax && size > bytesMax - 2 * 64)
    }

    /// ramfs knows no fallocate(2).
    @Test(.enabled(if: canMountUnseen), arguments: Mode.available.filter { $0 != .unprivileged })
    func `a file system that gives nothing back drops the newest output`(mode: Mode) throws {
        let directory = try ScratchDirectory()
        let (witness, gate) = (try Witness(in: directory), try Gate(in: directory))
        let mount = "mount -t ramfs ramfs /mnt; exec 4> /mnt/log 5> /mnt/index; exec \"$@\""
        let shim = try ShimProcess(
            Self.plan(
                "echo > \(witness.path); read line < \(gate.path); \(Self.numbers); exit 5",
                bytesMax: 200_000, .keepNewest),
            mode: mode, wrapper: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", mount, "sh"])
        _ = try witness.readLine()
        let files = try shim.openFiles()
        try gate.open()
        #expect(shim.end() == .exited(0))
        let end = try #require(files.index.end)
        #expect(end.how == .exited(code: 5))
        #expect(end.outputSize + end.droppedBytes == Self.numbersCount)
        #expect(files.index.gaps.allSatisfy { $0.reason == .logLimit })
        #expect(files.log.contents == Array(Self.sequence.prefix(Int(end.outputSize))))
        #expect(end.outputSize > 190_000 && end.outputSize < 200_000)
    }

    private static let sequence: [UInt8] = (1...1_865_792).flatMap { Array("\($0)\n".utf8) }
}

extension ShimProcess {
    /// What log and index take of the disk.
    fileprivate func diskBytes() throws -> UInt64 {
        try ["log", "index"].reduce(0) { sum, name in
            var status = stat()
            try check(lstat("\(directory.path)/\(name)", &status))
            return sum + UInt64(status.st_blocks) * 512
        }
    }

    /// The end record of an index that has been given up in part.
    fileprivate var lastEnd: EndRecord? {
        guard case .end(let end)? = IndexRecord(decoding: Array(indexBytes.suffix(64))) else {
            return nil
        }
        return end
    }
}
