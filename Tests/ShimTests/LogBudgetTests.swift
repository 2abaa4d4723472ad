import ShimCore
import ShimProtocol
import Testing

/// The bound of a log and its index: what has room, and what is given up for it.
///
/// A life of a log is played with pieces of output of every size, and after each step what is kept
/// is added up by hand.
struct LogBudgetTests {
    typealias Action = ShimPlan.LogLimit.Action

    private static let bytesMax: UInt64 = 100_000
    /// The header, and room for two gaps and the end.
    private static let fixed: UInt64 = 64 + 3 * 64

    private struct Life {
        var budget: LogBudget
        var place = LogBudget.Place(offset: 0, record: 1)

        init(_ action: Action, bytesMax: UInt64 = LogBudgetTests.bytesMax) {
            budget = LogBudget(ShimPlan.LogLimit(bytesMax: bytesMax, action: action))
        }

        /// Writes as `OutputWriter` does; returns how much of it was taken.
        mutating func write(_ count: Int, records: Int) -> Int {
            let begins = budget.beginsPiece(at: place)
            let records = begins ? max(1, records) : records
            let share = budget.share(of: count, at: place, records: records)
            guard share > 0 else { return 0 }
            if begins { budget.begin(at: place) }
            _ = budget.makeRoom(for: share, at: place, records: records)
            place.offset += UInt64(share)
            place.record += UInt64(records)
            return share
        }

        /// What is on the disk.
        var kept: UInt64 {
            let firstBlock = IndexHeader.firstBlockSize
            let gone = max(firstBlock, 64 + budget.kept.record * 64) - firstBlock
            return place.offset - budget.kept.offset + place.record * 64 - gone
                + LogBudgetTests.fixed
        }
    }

    @Test(arguments: [1, 7, 100, 4096, 65_536], 0...2)
    func `the newest output is kept, and never more than the limit`(size: Int, records: Int) {
        var life = Life(.keepNewest)
        var peak: UInt64 = 0
        for _ in 0..<max(2000, 250_000 / size) {
            var rest = size
            while rest > 0 {
                let taken = life.write(rest, records: records)
                guard taken > 0 else {
                    Issue.record("nothing has room")
                    return
                }
                rest -= taken
                peak = max(peak, life.kept)
            }
        }
        // At most two pieces are missing: one that is given up and one that is being filled.
        #expect(peak > Self.bytesMax - 300 && peak <= Self.bytesMax)
        #expect(life.kept > Self.bytesMax - 3 * 4096)
    }

    @Test(arguments: [Action.dropNewest, .stopJob], [1, 100, 65_536])
    func `what has no room is cut off at the exact byte`(action: Action, size: Int) {
        var life = Life(action)
        while life.write(size, records: 0) > 0 {}
        #expect(life.kept == Self.bytesMax)
        #expect(life.budget.kept == LogBudget.Place(offset: 0, record: 0))
    }

    @Test func `a record takes the room of the bytes it would describe`() {
        var life = Life(.dropNewest)
        while life.write(1000, records: 1) > 0 {}
        #expect(life.kept <= Self.bytesMax && life.kept > Self.bytesMax - 65)
        #expect(life.write(1, records: 1) == 0)
    }

    @Test func `a log that somebody has emptied has all its room again`() {
        var life = Life(.dropNewest)
        while life.write(1000, records: 0) > 0 {}
        life.budget.lostAll(before: life.place.offset)
        #expect(life.write(1000, records: 0) == 1000)
    }

    @Test func `what cannot be given up is kept, and the newest is dropped`() {
        var life = Life(.keepNewest)
        for _ in 0..<20 { _ = life.write(1000, records: 1) }
        life.budget.dropFromNowOn()
        while life.write(1000, records: 0) > 0 {}
        #expect(life.kept == Self.bytesMax)
        #expect(life.budget.kept == LogBudget.Place(offset: 0, record: 0))
    }

    @Test func `one that may keep less from now on gives up the rest at once, quiet or not`() {
        var life = Life(.keepNewest, bytesMax: 10_000_000)
        while life.write(10_000, records: 1) > 0, life.place.offset < 30_000_000 {}
        #expect(life.kept > 9_000_000)
        let place = life.place
        let isBound = life.budget.bound(to: 100_000, at: place)
        let end = life.budget.makeRoom(for: 0, at: place, records: 0)
        #expect(isBound && end != nil)
        #expect(life.kept <= 100_000)
        for _ in 0..<100 {
            #expect(life.write(10_000, records: 1) > 0)
            #expect(life.kept <= 100_000)
        }
        #expect(life.kept > 80_000)
        _ = life.budget.bound(to: nil, at: life.place)
        while life.write(10_000, records: 1) > 0, life.place.offset < 60_000_000 {}
        #expect(life.kept > 9_000_000 && life.kept <= 10_000_000)
    }

    @Test(arguments: [Action.dropNewest, .stopJob])
    func `one that promises its oldest output keeps its room`(action: Action) {
        var life = Life(action)
        let isBound = life.budget.bound(to: 65_536, at: life.place)
        #expect(!isBound)
        while life.write(1000, records: 0) > 0 {}
        #expect(life.kept == Self.bytesMax)
    }

    @Test func `the smallest limit has room for the newest output`() {
        var life = Life(.keepNewest, bytesMax: ShimPlan.LogLimit.bytesMin)
        for _ in 0..<10_000 { #expect(life.write(3, records: 2) > 0) }
        #expect(life.kept <= ShimPlan.LogLimit.bytesMin)
    }
}
