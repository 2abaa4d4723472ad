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
        leases.giveBack(from: alice)
        #expect(leases.take(for: Tenant(name: "carol")) == nil)
        leases.giveBack(from: alice)
        #expect(leases.take(for: Tenant(name: "carol")) == Self.base)
    }

    @Test mutating func `jobs of an earlier life keep theirs`() {
        leases.adopt(Self.base, for: bob)
        leases.adopt(Self.base, for: bob)
        #expect(leases.take(for: alice) == Self.base + 65_536)
        leases.giveBack(from: bob)
        #expect(leases.take(for: bob) == Self.base)
        #expect(leases.count == 2)
    }

    @Test func `ranges fit into the numbers there are`() {
        let limits = JobLimits()
        let end = UInt64(limits.subIDBase) + UInt64(limits.subIDRangesMax) * 65_536
        #expect(end <= 1 << 31)
    }
}
