import Reactor
import ShimProtocol
import Testing

@testable import Jobs

/// What records say about bytes: tables of records and ranges.
@Suite struct IndexScanTests {
    /// A record in short: `o3` and `e3` are runs at offset 3, `g3` is a gap there, `S` and `E` begin
    /// and end an index, `x` is damaged.
    private static func record(_ text: Substring) -> IndexRecord? {
        let offset = UInt64(text.dropFirst()) ?? 0
        switch text.first {
        case "o": return .run(offset: offset, timeNanoseconds: 1, stream: .stdout)
        case "e": return .run(offset: offset, timeNanoseconds: 1, stream: .stderr)
        case "g":
            return .gap(offset: offset, timeNanoseconds: 1, droppedBytes: 5, reason: .noSpace)
        case "S": return .started(timeNanoseconds: 1, shimPID: 1, leaderPID: 2)
        case "E": return .end(Specimen.end())
        default: return nil
        }
    }

    private static func records(_ text: String) -> [IndexRecord?] {
        text.split(separator: " ").map(record)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let records: String
        let range: Range<UInt64>
        /// Lengths of runs, `o` or `e` before each.
        let runs: String?
        var gap = false
        var untagged: UInt64?
        /// The number of the record to go on with.
        let position: UInt64
        var testDescription: String { "\(records) for \(range)" }
    }

    static let rows = [
        Row(records: "S o0", range: 0..<5, runs: "o5", position: 2),
        Row(records: "S o0 E", range: 0..<5, runs: "o5", position: 2),
        Row(records: "S o0 e2 o4", range: 0..<5, runs: "o2 e2 o1", position: 4),
        Row(records: "S o0 e2 o4", range: 0..<4, runs: "o2 e2", position: 3),
        Row(records: "S o0 e2 o4", range: 3..<4, runs: "e1", position: 3),
        // Of two at one offset the last is true, at the front, in the middle, and not yet at the end.
        Row(records: "S o0 e0", range: 0..<5, runs: "e5", position: 3),
        Row(records: "S o0 o2 e2", range: 0..<5, runs: "o2 e3", position: 4),
        Row(records: "S o0 o5 e5", range: 0..<5, runs: "o5", position: 2),
        // Gaps are told before the bytes at them, and cut what comes before.
        Row(records: "S o0 g3 o3", range: 0..<5, runs: "o3", position: 2),
        Row(records: "S o0 g3 o3", range: 3..<5, runs: nil, gap: true, position: 3),
        Row(records: "S g0 o0", range: 0..<5, runs: nil, gap: true, position: 2),
        Row(records: "S o0 g1 o1", range: 2..<5, runs: "o3", position: 4),
        Row(records: "S o0 g5 E", range: 0..<5, runs: "o5", position: 2),
        Row(records: "S o0 g5 E", range: 5..<5, runs: nil, gap: true, position: 3),
        Row(records: "S o0 g5 E", range: 3..<3, runs: "", position: 2),
        Row(records: "S o0 E", range: 5..<5, runs: "", position: 2),
        Row(records: "S o0 e5", range: 5..<5, runs: "", position: 3),
        // Damage: passed over in the middle, left alone at the end.
        Row(records: "S o0 x e2", range: 0..<5, runs: "o2 e3", position: 4),
        Row(records: "S o0 x", range: 0..<5, runs: "o5", position: 2),
        Row(records: "S o4 e2 e4", range: 4..<6, runs: "e2", position: 4),
        Row(records: "S o0 e4 g2", range: 0..<5, runs: "o4 e1", position: 4),
        Row(records: "S x", range: 0..<5, runs: nil, untagged: 5, position: 0),
        Row(records: "S x o3", range: 0..<5, runs: nil, untagged: 3, position: 0),
        Row(records: "", range: 0..<5, runs: nil, untagged: 5, position: 0),
        Row(records: "", range: 0..<0, runs: "", position: 0),
    ]

    @Test(arguments: rows) func `a range is described`(row: Row) {
        var cursor = IndexCursor(position: 0)
        let finding = Self.scan(&cursor, row.range, Self.records(row.records))
        #expect(cursor.position == row.position)
        switch finding {
        case .runs(let runs):
            #expect(Self.text(of: runs) == row.runs)
        case .gap(let gap):
            #expect(row.gap)
            let expected = LogGap(
                offset: row.range.lowerBound, length: 0, droppedBytes: 5, reason: .notWritten)
            #expect(gap == expected)
        case .untagged(let count):
            #expect(row.untagged == count)
        }
    }

    @Test func `more runs than a chunk may have cut it`() {
        let records = Self.records("S o0 e1 o2 e3 o4")
        var cursor = IndexCursor(position: 0)
        #expect(Self.scan(&cursor, 0..<9, records, runsMax: 2).runsText == "o1 e1")
        #expect(Self.scan(&cursor, 2..<9, records, runsMax: 2).runsText == "o1 e1")
        #expect(Self.scan(&cursor, 4..<9, records, runsMax: 2).runsText == "o5")
    }

    @Test func `a record that was seen is not read again before its bytes`() {
        let records = Self.records("S o0 e8")
        var cursor = IndexCursor(position: 0)
        #expect(Self.scan(&cursor, 0..<4, records).runsText == "o4")
        #expect(cursor.scan(4..<8, runsMax: 256).isComplete)
        #expect(Self.scan(&cursor, 4..<8, records).runsText == "o4")
        #expect(!cursor.scan(8..<9, runsMax: 256).isComplete)
        #expect(Self.scan(&cursor, 8..<9, records).runsText == "e1")
    }

    @Test func `a damaged record is read again, whatever stands behind it`() {
        var cursor = IndexCursor(position: 0)
        #expect(Self.scan(&cursor, 0..<4, Self.records("S o0 x e8")).runsText == "o4")
        // It was half written, and is whole by now.
        let records = Self.records("S o0 e5 e8")
        #expect(Self.scan(&cursor, 4..<8, records).runsText == "o1 e3")
    }

    /// Every index of four records out of a small alphabet, delivered in every pair of pieces: no
    /// index traps, and the runs always cover exactly what they claim to.
    @Test func `any index at all is survived`() {
        let alphabet = ["S", "o0", "e1", "o2", "g1", "g2", "x", "E"]
        for number in 0..<4096 {
            let names = (0..<4).map { alphabet[number >> (3 * $0) & 7] }
            let records = names.map { Self.record($0[...]) }
            var cursor = IndexCursor(position: 0)
            var offset: UInt64 = 0
            for _ in 0..<12 where offset < 4 {
                switch Self.scan(&cursor, offset..<4, records, runsMax: 2) {
                case .runs(let runs):
                    #expect(runs.allSatisfy { $0.length > 0 }, "\(names)")
                    offset += UInt64(runs.reduce(0) { $0 + $1.length })
                case .gap: break
                case .untagged(let count):
                    #expect(count > 0)
                    offset += count
                }
            }
            #expect(offset == 4, "\(names)")
        }
    }

    private static func scan(
        _ cursor: inout IndexCursor, _ range: Range<UInt64>, _ records: [IndexRecord?],
        runsMax: Int = 256
    ) -> IndexScan.Finding {
        var scan = cursor.scan(range, runsMax: runsMax)
        while !scan.isComplete, scan.next < records.count { scan.take(records[Int(scan.next)]) }
        return cursor.finish(scan)
    }

    fileprivate static func text(of runs: [LogRun]) -> String {
        runs.map { "\($0.isStandardError ? "e" : "o")\($0.length)" }.joined(separator: " ")
    }
}

extension IndexScan.Finding {
    fileprivate var runsText: String? {
        guard case .runs(let runs) = self else { return nil }
        return IndexScanTests.text(of: runs)
    }
}
