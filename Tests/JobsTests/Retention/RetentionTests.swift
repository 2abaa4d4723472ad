import Reactor
import Testing

@testable import Jobs

/// Which jobs must go, by age, number and size: as a table of what has ended and what is left.
struct RetentionTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let policy: RetentionPolicy
        /// Of each job, when it ended, in seconds, and what it takes.
        let ended: [(Int64, UInt64)]
        var livingBytes: UInt64 = 0
        /// Which are left at second 100.
        let left: [Int]
    }

    static let rows = [
        Row(
            testDescription: "no bound", policy: RetentionPolicy(),
            ended: [(0, .max / 4), (1, .max / 4)], livingBytes: 1 << 60, left: [0, 1]),
        Row(
            testDescription: "age", policy: RetentionPolicy(age: .seconds(10)),
            ended: [(89, 1), (90, 1), (91, 1)], left: [2]),
        Row(
            testDescription: "a clock that was set back",
            policy: RetentionPolicy(age: .seconds(10)),
            ended: [(500, 1)], left: [0]),
        Row(
            testDescription: "number", policy: RetentionPolicy(jobs: 2),
            ended: [(1, 1), (2, 1), (3, 1), (4, 1)], left: [2, 3]),
        Row(
            testDescription: "none at all", policy: RetentionPolicy(jobs: 0),
            ended: [(1, 0), (2, 0)], left: []),
        Row(
            testDescription: "bytes", policy: RetentionPolicy(bytes: 10),
            ended: [(1, 4), (2, 4), (3, 0), (4, 6)], left: [1, 2, 3]),
        Row(
            testDescription: "one that is larger than all may be",
            policy: RetentionPolicy(bytes: 10), ended: [(1, 1), (2, 11), (3, 0)], left: [2]),
        Row(
            testDescription: "the total, with what lives", policy: RetentionPolicy(totalBytes: 10),
            ended: [(1, 2), (2, 2), (3, 2)], livingBytes: 7, left: [2]),
        Row(
            testDescription: "what lives is larger than all may be",
            policy: RetentionPolicy(totalBytes: 10), ended: [(1, 0), (2, 2), (3, 0)],
            livingBytes: 11, left: [2]),
        Row(
            testDescription: "all bounds",
            policy: RetentionPolicy(age: .seconds(50), jobs: 3, bytes: 10, totalBytes: 8),
            ended: [(40, 0), (60, 9), (70, 4), (80, 4), (90, 4)], livingBytes: 1, left: [4]),
    ]

    @Test(arguments: rows) func `the oldest go first`(row: Row) {
        var retention = Retention(row.policy)
        for (number, job) in row.ended.enumerated() {
            retention.ended(
                Specimen.id(UInt64(number)), at: .seconds(job.0), bytes: job.1)
        }
        retention.livingBytes = row.livingBytes
        var left = Set(row.ended.indices.map { Specimen.id(UInt64($0)) })
        while let id = retention.surplus(at: .seconds(100)) {
            #expect(id == left.min())
            left.remove(id)
            retention.removed(id)
        }
        #expect(left == Set(row.left.map { Specimen.id(UInt64($0)) }))
        #expect(retention.count == left.count)
        #expect(retention.endedBytes == row.left.reduce(0) { $0 + row.ended[$1].1 })
    }

    @Test func `one that somebody deletes is not asked for again`() {
        var retention = Retention(RetentionPolicy(age: .seconds(10), jobs: 1))
        for number in 1...3 {
            retention.ended(Specimen.id(UInt64(number)), at: .seconds(Int64(number)), bytes: 5)
        }
        #expect(retention.nextExpiry() == .seconds(11))
        retention.removed(Specimen.id(1))
        retention.removed(Specimen.id(1))
        retention.removed(Specimen.id(7))
        #expect(retention.endedBytes == 10 && retention.count == 2)
        #expect(retention.surplus(at: .seconds(5)) == Specimen.id(2))
        #expect(retention.nextExpiry() == .seconds(12))
    }

    @Test func `one whose deletion failed is asked for again`() {
        var retention = Retention(RetentionPolicy(jobs: 0))
        retention.ended(Specimen.id(1), at: .seconds(1), bytes: 5)
        retention.removed(Specimen.id(1))
        #expect(retention.surplus(at: .seconds(2)) == nil)
        retention.ended(Specimen.id(1), at: .seconds(1), bytes: 5)
        retention.ended(Specimen.id(1), at: .seconds(1), bytes: 6)
        #expect(retention.surplus(at: .seconds(2)) == Specimen.id(1))
        #expect(retention.endedBytes == 6 && retention.count == 1)
    }

    /// Each question has to cost the same, or the loop would stand still.
    @Test func `a hundred thousand go in a moment`() {
        var retention = Retention(RetentionPolicy(jobs: 1000))
        for number in 0..<100_000 {
            retention.ended(
                Specimen.id(UInt64(number)), at: .seconds(Int64(number)), bytes: 1)
        }
        let begin = ContinuousClock.now
        var gone = 0
        while let id = retention.surplus(at: .seconds(0)) {
            retention.removed(id)
            gone += 1
        }
        #expect(gone == 99_000)
        // One that goes through all for each would take hours.
        #expect(ContinuousClock.now - begin < .seconds(60))
    }
}

/// How room is shared among the logs of jobs that live.
struct LogShareTests {
    static let rows: [(total: UInt64, sizes: [UInt64], share: UInt64?)] = [
        (10, [], nil), (10, [10], nil), (10, [11], 10), (10, [5, 5], nil), (10, [6, 6], 5),
        (10, [1, 20], 9), (10, [20, 1, 20], 4), (10, [0, 0, 11], 10), (2, [5, 5, 5], 0),
        (12, [1, 2, 9, 9], 4),
    ]

    @Test(arguments: rows) func `the largest give way`(
        row: (total: UInt64, sizes: [UInt64], share: UInt64?)
    ) {
        #expect(LogShare.share(of: row.total, among: row.sizes) == row.share)
        guard let share = row.share else { return }
        #expect(row.sizes.reduce(0) { $0 + min($1, share) } <= row.total)
    }
}

extension Timestamp {
    fileprivate static func seconds(_ count: Int64) -> Timestamp {
        Timestamp(nanoseconds: count * 1_000_000_000)
    }
}
