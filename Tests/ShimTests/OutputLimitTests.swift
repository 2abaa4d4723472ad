import Glibc
import ShimCore
import ShimProtocol
import Simulator
import Testing

/// A log and its index stay within their limit whatever the disk does, and what is left of them is
/// what was given.
///
/// Each seed is a life of a writer on a faulty disk. After every write to the log what both files
/// take is added up, and nothing may be given up that the header does not say is.
@Suite(.timeLimit(.minutes(10)))
struct OutputLimitTests {
    typealias Action = ShimPlan.LogLimit.Action

    private static let bytesMax = ShimPlan.LogLimit.bytesMin

    @Test(arguments: 0..<20, Action.allCases)
    func `log and index never take more than their limit`(seed: Int, action: Action) throws {
        let disk = FaultyDisk(seed: seed)
        let limit = ShimPlan.LogLimit(bytesMax: Self.bytesMax, action: action)
        guard var writer = disk.makeWriter(limit: limit) else { return }
        disk.onLogWrite = { [unowned disk] in check(disk, seed) }
        let written = give(to: &writer, of: disk, seed)
        #expect(writer.endsJob == (action == .stopJob && writer.hasReached(.logLimit, on: disk)))
        guard (try? writer.finish(.specimen)) != nil else {
            #expect(!FaultyDisk.canReserve(seed: seed), "seed \(seed)")
            return
        }
        check(disk, seed)
        let header = try header(disk)
        if action != .keepNewest { #expect(header.head == 0 && header.firstRecord == 0) }
        try #require(disk.files[FaultyDisk.log]?.count == written.count)
        let kept = Int(header.head)..<written.count
        #expect(disk.files[FaultyDisk.log]?[kept] == written[kept], "seed \(seed)")
    }

    @Test func `on a disk that is well nothing is dropped, and almost the limit is kept`() throws {
        let disk = FaultyDisk(seed: 0)
        disk.isWell = true
        disk.hasEndlessSpace = true
        let limit = ShimPlan.LogLimit(bytesMax: 1 << 20, action: .keepNewest)
        var writer = try #require(disk.makeWriter(limit: limit))
        let given = give(to: &writer, of: disk, 3, pieces: 3000)
        try writer.finish(.specimen)
        #expect(given.count > 2 << 20)
        guard case .end(let end)? = disk.records.last else {
            Issue.record("\(disk.records.suffix(3))")
            return
        }
        #expect(end.outputSize == given.count && end.droppedBytes == 0)
        #expect(taken(by: disk) > limit.bytesMax - 3 * limit.bytesMax / 64)
        #expect(taken(by: disk) <= limit.bytesMax)
    }

    @Test func `where nothing can be given up, the newest output is dropped`() throws {
        let disk = FaultyDisk(seed: 0)
        disk.isWell = true
        disk.canPunch = false
        disk.hasEndlessSpace = true
        let limit = ShimPlan.LogLimit(bytesMax: Self.bytesMax, action: .keepNewest)
        var writer = try #require(disk.makeWriter(limit: limit))
        let given = give(to: &writer, of: disk, 4, pieces: 200)
        try writer.finish(.specimen)
        #expect(try header(disk).head == 0)
        #expect(!writer.endsJob && writer.hasReached(.logLimit, on: disk))
        #expect(taken(by: disk) <= limit.bytesMax && taken(by: disk) > limit.bytesMax - 256)
        #expect(disk.files[FaultyDisk.log].map { given.starts(with: $0) } == true)
    }

    /// A half new header would cost all of the output.
    @Test func `no log is sealed before its header is whole`() throws {
        let disk = FaultyDisk(seed: 0)
        disk.isWell = true
        disk.hasEndlessSpace = true
        let limit = ShimPlan.LogLimit(bytesMax: Self.bytesMax, action: .keepNewest)
        var writer = try #require(disk.makeWriter(limit: limit))
        disk.tearsHeader = true
        let given = give(to: &writer, of: disk, 5, pieces: 200)
        #expect(throws: FormatError.damaged) { try header(disk) }
        #expect(throws: SystemError(number: EIO)) { try writer.finish(.specimen) }
        disk.tearsHeader = false
        try writer.finish(.specimen)
        let head = Int(try header(disk).head)
        #expect(disk.files[FaultyDisk.log]?[head...] == given[head...])
    }

    /// Gives pieces to the writer; returns what of them reached the log.
    private func give(
        to writer: inout OutputWriter, of disk: FaultyDisk, _ seed: Int, pieces: Int = 150
    ) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(seed) + 1_000_000)
        var written: [UInt8] = []
        for number in 0..<pieces {
            let stream = StreamTag.allCases.randomElement(using: &random) ?? .stdout
            let size = Int.random(in: 1...(number.isMultiple(of: 7) ? 9000 : 600), using: &random)
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: 1 + (number &+ $0) % 251) }
            let before = disk.bytesTaken
            bytes.withUnsafeBytes { writer.take($0, from: stream) }
            written += bytes.prefix(disk.bytesTaken - before)
        }
        return written
    }

    private func check(_ disk: FaultyDisk, _ seed: Int) {
        #expect(taken(by: disk) <= Self.bytesMax || disk.hasEndlessSpace, "seed \(seed)")
        guard let header = try? header(disk) else {
            Issue.record("the header is damaged, seed \(seed)")
            return
        }
        #expect(disk.punchedEnds[FaultyDisk.log, default: 0] <= header.head, "seed \(seed)")
        let index = disk.punchedEnds[FaultyDisk.index, default: 0]
        #expect(index <= 64 + header.firstRecord * 64, "seed \(seed)")
        guard header.firstRecord > 0 else { return }
        // The first record that is kept is about the first byte that is.
        switch disk.record(header.firstRecord) {
        case .run(let offset, _, _), .gap(let offset, _, _, _):
            #expect(offset == header.head, "seed \(seed)")
        case let other: Issue.record("begins with \(String(describing: other)), seed \(seed)")
        }
    }

    /// What both files take, but for the rest of a block.
    private func taken(by disk: FaultyDisk) -> UInt64 {
        let size = disk.size(of: FaultyDisk.log) + disk.size(of: FaultyDisk.index)
        let firstBlock = IndexHeader.firstBlockSize
        let index = max(firstBlock, disk.punchedEnds[FaultyDisk.index, default: 0]) - firstBlock
        return size - disk.punchedEnds[FaultyDisk.log, default: 0] - index
    }

    private func header(_ disk: FaultyDisk) throws -> IndexHeader {
        try IndexHeader(decoding: disk.files[FaultyDisk.index, default: []])
    }
}

extension OutputWriter {
    fileprivate func hasReached(_ reason: GapReason, on disk: FaultyDisk) -> Bool {
        disk.records.contains {
            if case .gap(_, _, _, reason) = $0 { true } else { false }
        }
    }
}

extension FaultyDisk {
    fileprivate func record(_ number: UInt64) -> IndexRecord? {
        let start = IndexHeader.size + Int(number) * IndexRecord.size
        let bytes = files[Self.index, default: []].dropFirst(start).prefix(IndexRecord.size)
        return IndexRecord(decoding: Array(bytes))
    }
}
