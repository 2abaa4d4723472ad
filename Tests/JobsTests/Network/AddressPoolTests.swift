import Netlink
import Testing

@testable import Jobs

/// Which address is whose, as tables: nobody ever has another's, and all can be had.
struct AddressPoolTests {
    private func pool(_ block: String) throws -> AddressPool {
        let block = try #require(IPv4Block(parsing: block))
        return AddressPool(try #require(NetworkSettings(pool: block)))
    }

    private func all(of pool: inout AddressPool) -> [String] {
        var addresses: [String] = []
        while let address = pool.take() { addresses.append("\(address)") }
        return addresses
    }

    private func address(_ text: String) throws -> IPv4Address {
        try #require(IPv4Address(parsing: text))
    }

    @Test(arguments: [
        ("192.0.2.0/30", ["192.0.2.2"]),
        ("192.0.2.0/29", ["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"]),
    ])
    func `all but the ends and the gateway are given out, in order`(
        block: String, expected: [String]
    ) throws {
        var pool = try pool(block)
        #expect(all(of: &pool) == expected)
        #expect(pool.take() == nil)
    }

    @Test func `the usual pool has room for thousands, and each gets another one`() throws {
        var pool = AddressPool(.standard)
        let addresses = all(of: &pool)
        #expect(addresses.count == 65_533)
        #expect(Set(addresses).count == addresses.count)
        #expect(addresses.first == "10.211.0.2")
        #expect(addresses.last == "10.211.255.254")
    }

    @Test func `an address that was given back comes after all others`() throws {
        var pool = try pool("192.0.2.0/29")
        #expect(pool.take() == (try address("192.0.2.2")))
        pool.giveBack(try address("192.0.2.2"))
        #expect(pool.isEmpty)
        #expect(
            all(of: &pool) == ["192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.2"])
        pool.giveBack(try address("192.0.2.4"))
        #expect(pool.take() == (try address("192.0.2.4")))
        #expect(pool.take() == nil)
    }

    @Test func `what a job of an earlier life has is given to nobody else`() throws {
        var pool = try pool("192.0.2.0/29")
        pool.adopt(try address("192.0.2.3"))
        #expect(all(of: &pool) == ["192.0.2.2", "192.0.2.4", "192.0.2.5", "192.0.2.6"])
    }

    @Test func `an address that two jobs have is free when both are gone`() throws {
        var pool = try pool("192.0.2.0/30")
        for _ in 0..<2 { pool.adopt(try address("192.0.2.2")) }
        pool.giveBack(try address("192.0.2.2"))
        #expect(pool.take() == nil)
        pool.giveBack(try address("192.0.2.2"))
        #expect(pool.take() == (try address("192.0.2.2")))
    }

    @Test func `an address of another pool is kept in mind and given to nobody`() throws {
        var pool = try pool("192.0.2.0/30")
        pool.adopt(try address("10.211.0.2"))
        #expect(all(of: &pool) == ["192.0.2.2"])
        pool.giveBack(try address("192.0.2.2"))
        #expect(!pool.isEmpty)
        pool.giveBack(try address("10.211.0.2"))
        #expect(pool.isEmpty)
    }

    @Test(arguments: [
        "192.0.2.0/31", "10.0.0.0/7", "127.0.0.0/8", "169.254.1.0/24", "169.0.0.0/8",
        "224.0.0.0/24", "240.0.0.0/8", "0.0.0.0/8",
    ])
    func `a pool that cannot be one is refused`(block: String) throws {
        #expect(NetworkSettings(pool: try #require(IPv4Block(parsing: block))) == nil)
    }
}
