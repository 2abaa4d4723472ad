import ShimCore
import ShimProtocol
import Simulator
import Testing

/// Whatever the disk does, the index tells the truth about the log.
///
/// The bytes of a stream name it, so a byte in the log shows whether the index is right about it.
struct OutputWriterTests {
    private static func mark(of stream: StreamTag) -> UInt8 { stream.rawValue }

    @Test(arguments: 0..<60)
    func `no byte is in the log before its record, and none is lost in silence`(seed: Int) {
        let disk = FaultyDisk(seed: seed)
        guard var writer = disk.makeWriter() else { return }
        disk.onLogWrite = { [unowned disk] in expectTagged(disk, seed) }
        var random = SeededGenerator(seed: UInt64(seed) + 1_000_000)
        var taken: UInt64 = 0
        for _ in 0..<60 {
            let stream = StreamTag.allCases.randomElement(using: &random) ?? .stdout
            let count = Int.random(in: 1...3000, using: &random)
            let bytes = [UInt8](repeating: Self.mark(of: stream), count: count)
            bytes.withUnsafeBytes { writer.take($0, from: stream) }
            taken += UInt64(count)
        }
        let isSealed = (try? writer.finish(.specimen)) != nil
        // Where space can be set aside, a full disk does not keep a job from having ended.
        #expect(isSealed || !FaultyDisk.canReserve(seed: seed), "seed \(seed)")
        if isSealed { expectComplete(disk, taken, seed) }
    }

    @Test func `a log that was cut is given up as far as it went, and goes on from there`() throws {
        let disk = FaultyDisk(seed: 0)
        disk.isWell = true
        var writer = try #require(disk.makeWriter())
        Array("first line\n".utf8).withUnsafeBytes { writer.take($0, from: .stdout) }
        #expect(try head(disk) == 0)
        disk.truncate(FaultyDisk.log, to: 3)
        Array("second line\n".utf8).withUnsafeBytes { writer.take($0, from: .stdout) }
        #expect(try head(disk) == 11)
        #expect(disk.files[FaultyDisk.log]?.suffix(12) == Array("second line\n".utf8)[...])
        #expect(disk.size(of: FaultyDisk.log) == 23)
    }

    /// The log is far from its limit, and still can take nothing that has no record.
    @Test func `an index at its limit keeps room for the last gap and the end`() throws {
        let disk = FaultyDisk(seed: 0)
        disk.isWell = true
        disk.fileSizeLimit = 1000
        var writer = try #require(disk.makeWriter())
        for number in 0..<30 {
            [UInt8(number)].withUnsafeBytes {
                writer.take($0, from: number.isMultiple(of: 2) ? .stdout : .stderr)
            }
        }
        try writer.finish(.specimen)
        #expect(disk.size(of: FaultyDisk.index) <= 1000)
        #expect(disk.files[FaultyDisk.log] == Array(0..<12))
        guard case .gap(12, _, 18, .fileTooLarge)? = disk.records.dropLast().last,
            case .end(let end)? = disk.records.last
        else {
            Issue.record("\(disk.records)")
            return
        }
        #expect(end.outputSize == 12 && end.droppedBytes == 18)
    }

    private func head(_ disk: FaultyDisk) throws -> UInt64 {
        try IndexHeader(decoding: disk.files[FaultyDisk.index, default: []]).head
    }

    private func expectTagged(_ disk: FaultyDisk, _ seed: Int) {
        let log = disk.files[FaultyDisk.log, default: []]
        var tags = [UInt8](repeating: 0, count: log.count)
        for case .run(let offset, _, let stream) in disk.records where offset < log.count {
            for place in Int(offset)..<log.count { tags[place] = Self.mark(of: stream) }
        }
        #expect(tags == log, "seed \(seed)")
    }

    private func expectComplete(_ disk: FaultyDisk, _ taken: UInt64, _ seed: Int) {
        let records = disk.records
        guard case .end(let end)? = records.last else {
            Issue.record("no end, seed \(seed)")
            return
        }
        let gaps = records.compactMap { record -> UInt64? in
            if case .gap(_, _, let dropped, _) = record { dropped } else { nil }
        }
        #expect(end.outputSize == disk.files[FaultyDisk.log]?.count ?? 0, "seed \(seed)")
        #expect(end.outputSize + end.droppedBytes == taken, "seed \(seed)")
        #expect(gaps.reduce(0, +) <= end.droppedBytes, "seed \(seed)")
    }
}
