import Netlink
import Testing

@testable import Jobs

/// Whom a job asks for names: only servers that it can reach.
struct ResolverFileTests {
    private static let substitute = [IPv4Address(number: 0x0909_0909)]

    @Test(arguments: [
        ("nameserver 192.0.2.1\n", "nameserver 192.0.2.1\n"),
        (
            "nameserver\t192.0.2.1 \nnameserver 192.0.2.2",
            "nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
        ),
        ("nameserver 127.0.0.53\nnameserver 192.0.2.1\n", "nameserver 192.0.2.1\n"),
        ("nameserver 127.0.0.53\n", "nameserver 9.9.9.9\n"),
        ("nameserver 169.254.169.253\n", "nameserver 9.9.9.9\n"),
        ("nameserver ::1\nnameserver fd00::1\n", "nameserver 9.9.9.9\n"),
        ("nameserver 0.0.0.0\nnameserver\nnameserver here\n", "nameserver 9.9.9.9\n"),
        ("", "nameserver 9.9.9.9\n"),
        (
            "# made\nsearch a.example  b.example\noptions ndots:2\nsortlist 10.0.0.0\n"
                + "nameserver 192.0.2.1",
            "search a.example b.example\noptions ndots:2\nnameserver 192.0.2.1\n"
        ),
    ])
    func `servers on the host itself are replaced, and settings kept`(
        host: String, expected: String
    ) {
        #expect(ResolverFile(host: host, substitutes: Self.substitute).text == expected)
    }

    @Test func `without a server and without a substitute there is none`() {
        #expect(ResolverFile(host: "nameserver 127.0.0.1\n", substitutes: []).text == "")
    }
}
