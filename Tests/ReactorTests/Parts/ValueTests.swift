@testable import Reactor
import Testing

/// Times, addresses and error numbers.
@Suite struct ValueTests {
    @Test func `instants add and subtract, and stay within their clock`() {
        let instant = Instant(nanoseconds: 1_000)
        #expect(instant + .nanoseconds(5) == Instant(nanoseconds: 1_005))
        #expect(instant + .nanoseconds(-5) == Instant(nanoseconds: 995))
        #expect(instant + .seconds(-1) == .distantPast)
        #expect(instant + .seconds(Int64.max) > instant + .seconds(1 << 32))
        #expect(Instant(nanoseconds: 995) - instant == .nanoseconds(-5))
        #expect(Instant(nanoseconds: 1_005) - instant == .nanoseconds(5))
    }

    @Test(
        arguments: [
            ("127.0.0.1:9090", SocketAddress.loopback(port: 9090)),
            ("0.0.0.0:0", .ipv4(0, port: 0)),
            ("10.1.2.3:65535", .ipv4(0x0A01_0203, port: 65_535)),
            ("[::1]:80", .ipv6(IPv6Address(high: 0, low: 1), port: 80)),
            (
                "[2001:db8::8:800:200c:417a]:1",
                .ipv6(IPv6Address(high: 0x2001_0db8 << 32, low: 0x0008_0800_200c_417a), port: 1)
            ),
            ("unix:/run/cmdctl.sock", .unix(path: "/run/cmdctl.sock")),
        ])
    func `addresses are read and written alike`(text: String, address: SocketAddress) {
        #expect(SocketAddress(parsing: text) == address)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:-1",
        "127.0.0:1", "localhost:80", "::1:80", "[::1]", "[::1:80", "[127.0.0.1]:80", "unix:",
        "127.0.0.1:８０",
    ])
    func `what is no address is refused`(text: String) {
        #expect(SocketAddress(parsing: text) == nil)
    }

    @Test func `errors have a name for programs and a sentence for people`() {
        #expect(Errno.noEntry.name == "ENOENT")
        #expect("\(Errno.noEntry)" == "No such file or directory")
        #expect(Errno(rawValue: 4711).name == "errno 4711")
        #expect("\(Errno(rawValue: 4711))" == "Unknown error 4711")
    }

    @Test func `inotify records are read whole, with and without names`() {
        let buffer = Buffer(capacity: 100)
        for word in [5, 2, 0, 0] as [UInt32] { withUnsafeBytes(of: word) { buffer.append($0) } }
        for word in [6, 256, 0, 16] as [UInt32] { withUnsafeBytes(of: word) { buffer.append($0) } }
        buffer.append(Array("name".utf8) + [UInt8](repeating: 0, count: 12))
        #expect(
            Array(InotifyEvents(buffer)) == [
                InotifyEvent(watch: WatchDescriptor(rawValue: 5), mask: .modified),
                InotifyEvent(
                    watch: WatchDescriptor(rawValue: 6), mask: .created, name: Array("name".utf8)),
            ])
        #expect(buffer.readableCount == 0)
    }

    @Test func `auto is what is preferred`() throws {
        for kind in BackendKind.allCases {
            #expect(try BackendChoice.auto.makeBackend(preferring: kind).kind == kind)
        }
        #expect(try BackendChoice(rawValue: "epoll")?.makeBackend().kind == .epoll)
        #expect(try BackendChoice(rawValue: "io_uring")?.makeBackend().kind == .ioUring)
        #expect(BackendChoice(rawValue: "kqueue") == nil)
    }
}
