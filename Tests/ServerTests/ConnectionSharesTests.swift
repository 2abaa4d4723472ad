import Jobs
import Testing

@testable import Server

/// How connections are shared out among tenants.
struct ConnectionSharesTests {
    private let alice = Tenant(name: "alice")
    private let bob = Tenant(name: "bob")

    @Test func `one tenant's connections are no other's`() {
        var shares = ConnectionShares(countMax: 2)
        let taken = [alice, alice, alice, bob].map { shares.take(of: $0) }
        #expect(taken == [true, true, false, true])
    }

    @Test func `what is given back can be had again`() {
        var shares = ConnectionShares(countMax: 1)
        let first = shares.take(of: alice)
        shares.giveBack(of: alice)
        let second = shares.take(of: alice)
        let third = shares.take(of: alice)
        #expect([first, second, third] == [true, true, false])
    }

    @Test func `certificates without a tenant share one count`() {
        var shares = ConnectionShares(countMax: 1)
        let taken = [nil, nil, alice].map { shares.take(of: $0) }
        #expect(taken == [true, false, true])
    }

    @Test(arguments: [(1, 1), (2, 1), (18, 9), (16_384, 8_192)])
    func `a tenant may have half of all connections`(all: Int, own: Int) {
        #expect(Limits.connectionsPerTenant(of: all) == own)
    }
}
