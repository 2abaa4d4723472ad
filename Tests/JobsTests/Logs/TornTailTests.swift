import Reactor
import ShimProtocol
import Testing

@testable import Jobs

/// What a loss of power leaves of a log and its index: shorter than they were, or with zeros at the
/// end, torn at any byte.
///
/// The goal: a reader never fails, never tells other bytes than were written, never a verdict that
/// was not, and misses no more than is damaged. The method: one job's files, damaged at every byte
/// of their last part and at every record before, and for each of them a follower from the
/// beginning to the end.
@Suite(.timeLimit(.minutes(10))) struct TornTailTests {
    enum File: CaseIterable { case log, index }
    enum Damage: CaseIterable { case cut, zeros }

    @Test(arguments: File.allCases, [true, false])
    func `a torn file costs what was torn`(file: File, isSealed: Bool) throws {
        for damage in Damage.allCases { try tear(file, damage, isSealed: isSealed) }
    }

    private func tear(_ file: File, _ damage: Damage, isSealed: Bool) throws {
        let whole = TornFiles(isSealed: isSealed)
        let size = file == .log ? whole.log.count : whole.index.count
        for position in IndexHeader.size...size
        where position >= size - 300 || position.isMultiple(of: IndexRecord.size) {
            var torn = whole
            torn.damage(file, damage, at: position)
            try expectTruth(in: torn, of: whole, "\(file), \(damage) at \(position)")
        }
    }

    /// Then the shim had not come far, and nothing tells what is in the log.
    @Test(arguments: Damage.allCases, [true, false])
    func `a torn header costs the output, and no more`(damage: Damage, isSealed: Bool) throws {
        let whole = TornFiles(isSealed: isSealed)
        for position in 0..<IndexHeader.size {
            var torn = whole
            torn.damage(.index, damage, at: position)
            let reader = try TornReader(torn)
            #expect(reader.end == nil)
            try reader.readToEnd()
            #expect(reader.output.bytes.isEmpty && reader.output.hasEnded)
        }
    }

    private func expectTruth(in torn: TornFiles, of whole: TornFiles, _ comment: Comment) throws {
        let reader = try TornReader(torn)
        #expect(reader.end == torn.end, comment)
        try reader.readToEnd()
        let output = reader.output
        #expect(output.error == nil && output.hasEnded, comment)
        // Every offset is told once: its byte, or that it is missing.
        let missing = output.gaps.reduce(0) { $0 + $1.length }
        #expect(UInt64(output.bytes.count) + missing == torn.extent, comment)
        #expect(output.bytes[...] == torn.log.prefix(output.bytes.count), comment)
        #expect(torn.runs.isEmpty || output.bytes.count == torn.readableCount, comment)
        let tags = whole.tags.prefix(torn.taggedCount)
        #expect(output.tags.prefix(tags.count) == tags.prefix(output.tags.count), comment)
        #expect(output.gaps.reduce(0) { $0 + $1.droppedBytes } <= TornFiles.dropped, comment)
    }
}

/// The files of one job: a dozen lines of both streams, with output missing twice.
private struct TornFiles {
    static let dropped: UInt64 = 5 + 7

    var log: [UInt8] = []
    var index = IndexHeader(jobID: LogModel.jobID.bytes, head: 0, createdNanoseconds: 1).encoded()
    /// For each byte of the log, whether it is standard error's.
    var tags: [Bool] = []

    init(isSealed: Bool) {
        append(.started(timeNanoseconds: 1, shimPID: 2, leaderPID: 3))
        for number in 0..<12 {
            let offset = UInt64(log.count)
            if number == 4 || number == 11 {
                let count: UInt64 = number == 4 ? 5 : 7
                append(
                    .gap(offset: offset, timeNanoseconds: 1, droppedBytes: count, reason: .noSpace))
            }
            let stream: StreamTag = number.isMultiple(of: 3) ? .stderr : .stdout
            append(.run(offset: offset, timeNanoseconds: Int64(number), stream: stream))
            let line = Array("this is line \(number) of the job\n".utf8)
            log += line
            tags += Array(repeating: stream == .stderr, count: line.count)
        }
        if isSealed { append(.end(Specimen.end(outputSize: UInt64(log.count)))) }
    }

    private mutating func append(_ record: IndexRecord) {
        index += record.encoded()
    }

    mutating func damage(
        _ file: TornTailTests.File, _ damage: TornTailTests.Damage, at position: Int
    ) {
        let path: WritableKeyPath<TornFiles, [UInt8]> = file == .log ? \.log : \.index
        let count = self[keyPath: path].count
        self[keyPath: path].removeLast(count - position)
        if damage == .zeros { self[keyPath: path] += Array(repeating: 0, count: count - position) }
    }

    /// The records up to the first damaged one.
    private var records: [IndexRecord] {
        let starts = stride(
            from: IndexHeader.size, through: index.count - IndexRecord.size, by: IndexRecord.size)
        return Array(
            starts.lazy.map { IndexRecord(decoding: Array(index[$0..<$0 + IndexRecord.size])) }
                .prefix { $0 != nil }.compactMap(\.self))
    }

    var end: EndRecord? {
        guard case .end(let end)? = records.last else { return nil }
        return end
    }

    /// The offsets of the runs that are left.
    var runs: [UInt64] {
        records.compactMap { if case .run(let offset, _, _) = $0 { offset } else { nil } }
    }

    private var lastOffset: UInt64 {
        records.reduce(0) { last, record in
            switch record {
            case .run(let offset, _, _): max(last, offset)
            case .gap(let offset, _, _, _): max(last, offset)
            case .started, .end, .neverRan: last
            }
        }
    }

    /// How far the output is known to have reached.
    var extent: UInt64 { end?.outputSize ?? max(UInt64(log.count), lastOffset) }

    /// How many bytes a reader must get.
    var readableCount: Int { min(log.count, Int(extent)) }

    /// How many bytes have the stream that they had.
    var taggedCount: Int { end == nil ? Int(runs.last ?? 0) : log.count }
}

/// A reader of such files, and what it has read.
private struct TornReader {
    let end: EndRecord?
    let output: FollowedOutput
    private let model: LogModel

    init(_ files: TornFiles) throws {
        model = try LogModel()
        model.kernel.replace(log: files.log, index: files.index)
        let directory = try LogDirectory(path: "/logs", kernel: model.kernel)
        let last = try directory.look(at: LogModel.jobID)?.last
        end = if case .end(let record)? = last { record } else { nil }
        model.job.outputSize =
            try end?.outputSize ?? directory.lostOutputSize(of: LogModel.jobID)
        _ = model.job.life.shimEnded()
        _ = model.job.life.verdictRead(end.map(JobVerdict.init) ?? .lost)
        output = FollowedOutput(model.follower(limits: JobLimits()), firstOffset: 0)
    }

    func readToEnd() throws {
        while let event = model.possibleEvents.first { try model.perform(event) }
    }
}
