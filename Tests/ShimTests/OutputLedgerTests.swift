import Glibc
import ShimCore
import ShimProtocol
import Testing

/// The books of a log: which record is due when.
struct OutputLedgerTests {
    private static let span = OutputLedger.runSpanNanoseconds
    private static let full = GapReason.noSpace

    /// Does what `OutputWriter` does when nothing fails, and returns the records that were due.
    private func write(
        _ count: Int, _ stream: StreamTag, at time: Int64, to ledger: inout OutputLedger
    ) -> [IndexRecord] {
        let records = ledger.records(before: stream, at: time)
        records.forEach { ledger.recorded($0) }
        ledger.wrote(count)
        return records
    }

    struct Row: Sendable {
        let stream: StreamTag
        let time: Int64
        let isRecorded: Bool
    }

    static let rows: [Row] = [
        Row(stream: .stdout, time: 100, isRecorded: true),
        Row(stream: .stdout, time: 100, isRecorded: false),
        Row(stream: .stdout, time: 100 + span - 1, isRecorded: false),
        Row(stream: .stdout, time: 100 + span, isRecorded: true),
        Row(stream: .stderr, time: 100 + span, isRecorded: true),
        Row(stream: .stdout, time: 100 + span, isRecorded: true),
        Row(stream: .stdout, time: 50, isRecorded: true),
        Row(stream: .stdout, time: 50 + span - 1, isRecorded: false),
    ]

    @Test func `a run ends with its stream, its time, or a clock that is set back`() {
        var ledger = OutputLedger()
        for (number, row) in Self.rows.enumerated() {
            let due = write(10, row.stream, at: row.time, to: &ledger)
            let record = IndexRecord.run(
                offset: UInt64(number) * 10, timeNanoseconds: row.time, stream: row.stream)
            #expect(due == (row.isRecorded ? [record] : []), "row \(number)")
        }
        #expect(ledger.offset == UInt64(Self.rows.count) * 10)
    }

    @Test
    func `what is dropped adds up to one gap from its first byte on, and then a new run begins`() {
        var ledger = OutputLedger()
        _ = write(10, .stdout, at: 0, to: &ledger)
        ledger.dropped(5, at: 1, because: Self.full)
        ledger.dropped(7, at: 2, because: .storageFailure)
        #expect(
            write(1, .stdout, at: 3, to: &ledger) == [
                .gap(offset: 10, timeNanoseconds: 1, droppedBytes: 12, reason: .noSpace),
                .run(offset: 10, timeNanoseconds: 3, stream: .stdout),
            ])
        #expect(ledger.gap == nil)
        #expect(ledger.offset == 11 && ledger.droppedBytes == 12)
    }

    @Test func `a gap that is recorded without its bytes is followed by another`() {
        var ledger = OutputLedger()
        ledger.dropped(5, at: 0, because: Self.full)
        ledger.recorded(.gap(offset: 0, timeNanoseconds: 0, droppedBytes: 5, reason: .noSpace))
        ledger.dropped(6, at: 2, because: Self.full)
        #expect(
            ledger.gapRecord
                == .gap(offset: 0, timeNanoseconds: 2, droppedBytes: 6, reason: .noSpace))
        #expect(ledger.droppedBytes == 11)
    }

    @Test(
        arguments: [
            (ENOSPC, .noSpace, true), (EDQUOT, .noSpace, true), (EFBIG, .fileTooLarge, false),
            (EIO, .storageFailure, true), (EROFS, .storageFailure, true),
        ] as [(Int32, GapReason, Bool)])
    func `an errno has its reason`(number: Int32, reason: GapReason, mayPass: Bool) {
        #expect(GapReason(SystemError(number: number)) == reason)
        #expect(reason.mayPass == mayPass)
    }
}
