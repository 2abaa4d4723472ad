import ShimProtocol
import Testing

/// An index is read after crashes and by later versions: what is damaged or foreign must show.
struct IndexFormatTests {
    static let header = IndexHeader(
        jobID: Array(1...16), head: 1 << 40, createdNanoseconds: 1_790_000_000_123_456_789,
        shimPID: 4_194_303)

    static let records: [IndexRecord] =
        [
            .started(timeNanoseconds: 1, shimPID: 4_194_304, leaderPID: 2),
            .run(offset: 0, timeNanoseconds: 2, stream: .stdout),
            .run(offset: UInt64(Int64.max), timeNanoseconds: .max, stream: .stderr),
            .gap(offset: 3, timeNanoseconds: -1, droppedBytes: 1 << 50, reason: .noSpace),
            .gap(offset: 3, timeNanoseconds: 4, droppedBytes: 1, reason: .fileTooLarge),
            .gap(offset: 3, timeNanoseconds: 4, droppedBytes: 1, reason: .storageFailure),
            .end(endRecord(.exited(code: 0))),
            .end(endRecord(.exited(code: 255))),
            .end(endRecord(.signaled(number: 9))),
            .end(outOfMemory),
        ] + StartStage.allCases.map { .neverRan(neverRan($0, "/no/such/program")) }

    static func neverRan(_ stage: StartStage, _ detail: String) -> NeverRanRecord {
        NeverRanRecord(stage: stage, errno: 2, timeNanoseconds: 9, detail: detail)
    }

    private static var outOfMemory: EndRecord {
        var record = endRecord(.signaled(number: 9))
        record.killedByShim = false
        record.wasOutOfMemory = true
        record.memoryPeakBytes = UInt64(UInt32.max) * 4096
        return record
    }

    static func endRecord(_ how: ProcessEnd) -> EndRecord {
        EndRecord(
            how: how, killedByShim: how == .signaled(number: 9), stopRequested: true,
            signalRequested: false, outputSize: 1 << 41, timeNanoseconds: 9,
            userCPUMicroseconds: 10, systemCPUMicroseconds: 11, maxResidentBytes: 1 << 42,
            droppedBytes: 12, timedOut: how == .signaled(number: 9))
    }

    @Test func `a header has 64 bytes and is read as it was written`() throws {
        let bytes = Self.header.encoded()
        #expect(bytes.count == IndexHeader.size)
        #expect(try IndexHeader(decoding: bytes) == Self.header)
        #expect(try IndexHeader(decoding: bytes + [1, 2, 3]) == Self.header)
    }

    @Test func `an offset beyond any file is damage`() {
        let beyond = UInt64(Int64.max) + 1
        let record = IndexRecord.run(offset: beyond, timeNanoseconds: 2, stream: .stdout)
        #expect(IndexRecord(decoding: record.encoded()) == nil)
        var header = Self.header
        header.head = beyond
        #expect(throws: FormatError.malformed(field: "head")) {
            try IndexHeader(decoding: header.encoded())
        }
    }

    @Test func `a header refuses every single-bit error and every truncation`() {
        let bytes = Self.header.encoded()
        for damaged in bytes.withOneBitFlipped + bytes.truncations {
            #expect(throws: FormatError.self) { try IndexHeader(decoding: damaged) }
        }
    }

    @Test func `a header names an unknown version`() {
        var bytes = Self.header.encoded()
        bytes[8] = 7
        #expect(throws: FormatError.unsupportedVersion(7)) { try IndexHeader(decoding: bytes) }
    }

    @Test(arguments: records)
    func `a record has 64 bytes and is read as it was written`(record: IndexRecord) {
        let bytes = record.encoded()
        #expect(bytes.count == IndexRecord.size)
        #expect(IndexRecord(decoding: bytes) == record)
    }

    @Test(arguments: records)
    func `a record refuses every single-bit error and every truncation`(record: IndexRecord) {
        let bytes = record.encoded()
        for damaged in bytes.withOneBitFlipped + bytes.truncations {
            #expect(IndexRecord(decoding: damaged) == nil)
        }
    }

    @Test(
        arguments: [
            ("", ""),
            ("a path of 28 bytes: /x/y/z/1", "a path of 28 bytes: /x/y/z/1"),
            ("a path of 29 bytes: /x/y/z/12", "a path of 29 bytes: /x/y/z/1"),
            ("27 bytes, and one of two: -ü", "27 bytes, and one of two: -"),
            ("26 bytes and one of four: 🜚", "26 bytes and one of four: "),
        ])
    func `a record of a failed start keeps the detail that fits`(detail: String, kept: String) {
        let record = Self.neverRan(.execute, detail)
        #expect(record.detail == kept)
        #expect(IndexRecord(decoding: IndexRecord.neverRan(record).encoded()) == .neverRan(record))
    }

    /// What a file system may leave of a record that a crash tore.
    @Test func `a record of zeros is none`() {
        #expect(IndexRecord(decoding: [UInt8](repeating: 0, count: IndexRecord.size)) == nil)
    }

    /// docs/FORMATS.md promises these places to programs that read the file without this code.
    @Test func `a record keeps its documented layout`() {
        let bytes = IndexRecord.run(
            offset: 0x0807_0605_0403_0201, timeNanoseconds: 0x1817_1615_1413_1211, stream: .stderr
        ).encoded()
        #expect(Array(bytes[0..<4]) == [2, 2, 0, 0])
        #expect(Array(bytes[8..<16]) == Array(1...8))
        #expect(Array(bytes[16..<24]) == Array(0x11...0x18))
    }
}
