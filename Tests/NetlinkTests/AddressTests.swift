import Netlink
import Testing

/// Addresses and blocks of them are read strictly: what is misread routes somewhere else.
struct AddressTests {
    @Test(arguments: ["0.0.0.0", "10.211.0.1", "169.254.169.254", "255.255.255.255"])
    func `an address is written as it was read`(text: String) throws {
        #expect(try #require(IPv4Address(parsing: text)).description == text)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "1.2.3.", "01.2.3.4", "1.2.3.0x4",
        "::1", "1.2.3.4 ", "1.2.3.٤",
    ])
    func `what is no address is refused`(text: String) {
        #expect(IPv4Address(parsing: text) == nil)
    }

    @Test(
        arguments: [
            ("10.211.0.0/16", 65_536), ("192.0.2.4/30", 4), ("192.0.2.1/32", 1),
            ("0.0.0.0/0", 4_294_967_296),
        ] as [(String, UInt64)])
    func `a block knows how many it holds`(text: String, count: UInt64) throws {
        let block = try #require(IPv4Block(parsing: text))
        #expect(block.count == count)
        #expect(block.description == text)
    }

    @Test(arguments: [
        "10.211.0.0", "10.211.0.0/", "10.211.0.0/33", "10.211.0.1/16", "10.211/16", "/16",
        "10.211.0.0/16/1", "10.211.0.0/-1",
    ])
    func `what is no block is refused`(text: String) {
        #expect(IPv4Block(parsing: text) == nil)
    }

    @Test(arguments: [
        ("10.211.0.0/16", "10.211.255.255", true), ("10.211.0.0/16", "10.212.0.0", false),
        ("192.0.2.1/32", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.2", false),
        ("0.0.0.0/0", "255.255.255.255", true),
    ])
    func `a block holds what begins as it does`(block: String, address: String, holds: Bool) throws
    {
        let address = try #require(IPv4Address(parsing: address))
        #expect(try #require(IPv4Block(parsing: block)).contains(address) == holds)
    }
}
