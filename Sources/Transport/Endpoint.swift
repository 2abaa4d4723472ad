/// Where a server is: a host, by name or address, and a port.
package struct Endpoint: Hashable, Sendable {
    /// A DNS name or an IP address, without brackets; the server's certificate must be for it.
    package let host: String

    /// The port.
    package let port: UInt16

    /// Names a host and a port.
    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT` or `[IPV6]:PORT`.
    ///
    /// - Throws: ``ConnectFailure/invalidEndpoint(_:)``.
    package init(_ text: String) throws(ConnectFailure) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Self.port(text[text.index(after: colon)...])
        else { throw .invalidEndpoint(text) }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.init(host: String(host.dropFirst().dropLast()), port: port)
        } else {
            self.init(host: String(host), port: port)
        }
        // Anything else with a colon is an IPv6 address without its brackets.
        guard CertificateHost(self.host) != nil, host.hasPrefix("[") == self.host.contains(":")
        else { throw .invalidEndpoint(text) }
    }

    // Digits only: `UInt16` alone would take a plus sign. Nobody can connect to port 0.
    private static func port(_ text: Substring) -> UInt16? {
        let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, let port = UInt16(text), port > 0 else { return nil }
        return port
    }
}

extension Endpoint: CustomStringConvertible {
    /// The form that ``init(_:)`` reads.
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
