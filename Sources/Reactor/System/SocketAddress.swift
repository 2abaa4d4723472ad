import Glibc

/// Where a stream socket listens or connects.
package enum SocketAddress: Hashable, Sendable {
    /// An IPv4 address in host byte order, `127.0.0.1` is `0x7F00_0001`.
    case ipv4(UInt32, port: UInt16)
    /// An IPv6 address.
    case ipv6(IPv6Address, port: UInt16)
    /// A Unix-domain socket in the file system.
    case unix(path: String)

    /// The loopback interface of IPv4; port 0 lets the kernel choose.
    package static func loopback(port: UInt16) -> SocketAddress {
        .ipv4(0x7F00_0001, port: port)
    }

    /// The port, which a Unix-domain socket does not have.
    package var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port): port
        case .unix: nil
        }
    }
}

/// The sixteen bytes of an IPv6 address, with the interface that link-local ones need.
package struct IPv6Address: Hashable, Sendable {
    /// The first eight bytes, most significant first.
    package let high: UInt64
    /// The last eight bytes, most significant first.
    package let low: UInt64
    /// The interface index of a link-local address, otherwise 0.
    package let scope: UInt32

    /// Puts an address together.
    package init(high: UInt64, low: UInt64, scope: UInt32 = 0) {
        self.high = high
        self.low = low
        self.scope = scope
    }
}

extension SocketAddress: CustomStringConvertible {
    /// Reads `127.0.0.1:9090`, `[::1]:0` or `unix:/run/cmdctl.sock`; names are not resolved here.
    package init?(parsing text: String) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst("unix:".count)
            guard !path.isEmpty else { return nil }
            self = .unix(path: String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = Self.port(parsing: text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.first == "[", host.last == "]" {
            guard let address = IPv6Address(parsing: String(host.dropFirst().dropLast())) else {
                return nil
            }
            self = .ipv6(address, port: port)
        } else {
            var address = in_addr()
            guard unsafe inet_pton(AF_INET, String(host), &address) == 1 else { return nil }
            self = .ipv4(UInt32(bigEndian: address.s_addr), port: port)
        }
    }

    /// The form that ``init(parsing:)`` reads.
    package var description: String {
        switch self {
        case .ipv4(let address, let port):
            let parts = [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: address >> $0)) }
            return "\(parts.joined(separator: ".")):\(port)"
        case .ipv6(let address, let port):
            return "[\(address)]:\(port)"
        case .unix(let path):
            return "unix:\(path)"
        }
    }

    /// Digits only: `UInt16` alone would also take a plus sign.
    private static func port(parsing text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt16(text)
    }
}

extension IPv6Address: CustomStringConvertible {
    /// Reads the text form of RFC 4291, section 2.2, without a zone.
    package init?(parsing text: String) {
        var address = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        self.init(address, scope: 0)
    }

    /// Takes over the bytes of the C form.
    init(_ address: in6_addr, scope: UInt32) {
        let words = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe (
                bytes.loadUnaligned(as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
        self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1), scope: scope)
    }

    /// The C form.
    var cAddress: in6_addr {
        var address = in6_addr()
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// The shortest text form, as RFC 5952 wants it.
    package var description: String {
        var address = cAddress
        return unsafe withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)
        ) { text in
            let end = unsafe inet_ntop(
                AF_INET6, &address, text.baseAddress, socklen_t(text.count))
            guard let end = unsafe end else { preconditionFailure("the text of an address fits") }
            return unsafe String(cString: end)
        }
    }
}
