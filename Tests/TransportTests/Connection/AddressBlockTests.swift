import Reactor
import Testing

@testable import Transport

/// Which addresses count as one client.
struct AddressBlockTests {
    @Test(arguments: [
        ("10.0.0.1:1", "10.0.0.1:2", true),
        ("10.0.0.1:1", "10.0.0.2:1", false),
        ("[2001:db8::1]:1", "[2001:db8::ffff:1]:1", true),
        ("[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false),
        ("[::ffff:10.0.0.1]:1", "10.0.0.1:9", true),
        ("[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.2]:1", false),
        ("[::1]:1", "[::ffff:10.0.0.1]:1", false),
        ("unix:/a", "unix:/b", true),
    ])
    func `addresses of one block`(_ one: String, _ other: String, areOne: Bool) throws {
        let first = try #require(SocketAddress(parsing: one) as SocketAddress?)
        let second = try #require(SocketAddress(parsing: other) as SocketAddress?)
        #expect((AddressBlock(of: first) == AddressBlock(of: second)) == areOne)
    }
}
