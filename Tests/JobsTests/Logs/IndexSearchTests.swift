import ShimProtocol
import Testing

@testable import Jobs

/// Finding the place in an index: against a plain scan, for every offset and every index of a few
/// records.
@Suite struct IndexSearchTests {
    private static let started = IndexRecord.started(
        timeNanoseconds: 0, shimPID: 1, leaderPID: 2)
    private static let end = IndexRecord.end(Specimen.end(outputSize: 9))

    private static func run(_ offset: UInt64) -> IndexRecord {
        .run(offset: offset, timeNanoseconds: 0, stream: .stdout)
    }

    private static func gap(_ offset: UInt64) -> IndexRecord {
        .gap(offset: offset, timeNanoseconds: 0, droppedBytes: 1, reason: .noSpace)
    }

    static let indices: [[IndexRecord?]] = [
        [],
        [started],
        [started, run(0)],
        [started, run(0), end],
        [started, run(0), run(3), run(6), end],
        [started, run(0), run(0), run(3), run(3), end],
        [started, run(0), gap(3), run(3), gap(6), gap(6), run(6), end],
        [started, run(0), gap(3), gap(3), gap(3), gap(3), end],
        [started, run(0), nil, run(3), nil, nil, run(6), nil],
        [nil, nil, run(2), nil],
        [gap(0), gap(0)],
    ]

    @Test(arguments: indices) func `the scan may begin where the search ends`(
        records: [IndexRecord?]
    ) {
        for target in UInt64(0)...9 {
            var search = IndexSearch(target: target, records: 0..<UInt64(records.count))
            var probes = 0
            while let probe = search.probe {
                search.take(records[Int(probe)])
                probes += 1
            }
            guard let result = search.result.map(Int.init) else {
                Issue.record("the search did not end")
                return
            }
            #expect(probes <= 2 * records.count + 2)
            // All that is skipped begins below the target, and a run in force is not skipped.
            #expect(records[..<result].allSatisfy { $0.map { begins($0, below: target) } ?? true })
            let needed = records.lastIndex { $0.map { isRun($0, below: target) } ?? false }
            if let needed, target > 0 { #expect(result <= needed) }
        }
    }

    /// As when the records before were given up, and read as zeros.
    @Test(arguments: indices) func `nothing is searched before the first record that is kept`(
        records: [IndexRecord?]
    ) {
        for first in records.indices {
            for target in UInt64(0)...9 {
                let bounds = UInt64(first)..<UInt64(records.count)
                var search = IndexSearch(target: target, records: bounds)
                while let probe = search.probe {
                    #expect(bounds.contains(probe))
                    search.take(records[Int(probe)])
                }
                #expect(search.result.map { $0 >= bounds.lowerBound } == true)
            }
        }
    }

    @Test func `a long index is searched in a few probes`() {
        let count: UInt64 = 1 << 20
        var search = IndexSearch(target: 700_001, records: 0..<count)
        var probes = 0
        while let probe = search.probe {
            search.take(Self.run(probe))
            probes += 1
        }
        #expect(search.result == 700_000)
        #expect(probes <= 22)
    }

    private func begins(_ record: IndexRecord, below target: UInt64) -> Bool {
        switch record {
        case .started: true
        case .run(let offset, _, _), .gap(let offset, _, _, _): offset < target
        case .end, .neverRan: false
        }
    }

    private func isRun(_ record: IndexRecord, below target: UInt64) -> Bool {
        guard case .run = record else { return false }
        return begins(record, below: target)
    }
}
