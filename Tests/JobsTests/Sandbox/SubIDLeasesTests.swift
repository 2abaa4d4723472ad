import Testing

@testable import Jobs

/// Who has which users of the host, move by move.
@Suite struct SubIDLeasesTests {
    private static let base: UInt32 = 1_879_048_192
    private let alice = Tenant(name: "alice")
    private let bob = Tenant(name: "bob")
    private var leases = SubIDLeases(base: base, rangesMax: 2)

    @Test mutating func `all jobs of a tenant have the same range, and others another`() {
        #expect(leases.take(for: alice) == Self.base)
        #expect(leases.take(for: bob) == Self.base + 65_536)
        #expect(leases.take(for: alice) == Self.base)
    }

    @Test mutating func `a range is free when the last job has ended, and not before`() {
        _ = leases.take(for: alice)
        _ = leases.take(for: alice)
        _ = leases.take(for: bob)
        leases.giveBack(Self.base)
        #expect(leases.take(for: Tenant(name: "carol")) == nil)
        leases.giveBack(Self.base)
        #expect(leases.take(for: Tenant(name: "carol")) == Self.base)
    }

    @Test mutating func `jobs of an earlier life keep theirs`() {
        leases.adopt(Self.base, for: bob)
        leases.adopt(Self.base, for: bob)
        #expect(leases.take(for: alice) == Self.base + 65_536)
        leases.giveBack(Self.base)
        #expect(leases.take(for: bob) == Self.base)
        #expect(leases.count == 2)
    }

    @Test mutating func `ranges of jobs whose owner is lost are nobody else's`() {
        leases.adopt(Self.base, for: .unknown)
        #expect(leases.take(for: alice) == Self.base + 65_536)
        leases.giveBack(Self.base + 65_536)
        leases.adopt(Self.base + 65_536, for: .unknown)
        #expect(leases.take(for: alice) == nil)
        leases.giveBack(Self.base)
        #expect(leases.take(for: alice) == Self.base)
    }

    /// Those that another life gave out from another base.
    @Test(
        arguments: [
            (base - 65_536, base), (base - 65_535, base + 65_536), (base - 1, base + 65_536),
            (base + 1, nil), (base + 65_535, nil), (base + 65_536, base),
        ] as [(UInt32, UInt32?)])
    mutating func `a range that shares a number with another one is not free`(
        old: UInt32, free: UInt32?
    ) {
        leases.adopt(old, for: bob)
        #expect(leases.take(for: alice) == free)
    }

    @Test(
        arguments: [
            ("         0 1879048192      65536\n", 1_879_048_192), ("0 0 4294967295\n", nil),
            ("0 1000 1\n", nil), ("1 1879048192 65536", nil), ("", nil),
            ("0 1 65536\n1 2 3\n", nil),
        ] as [(String, UInt32?)])
    func `a map of users tells the range`(map: String, first: UInt32?) {
        #expect(SubIDLeases.range(ofMap: map) == first)
    }

    @Test func `ranges fit into the numbers there are`() {
        let limits = JobLimits()
        let end = UInt64(limits.subIDBase) + UInt64(limits.subIDRangesMax) * 65_536
        #expect(end <= 1 << 31)
    }
}
