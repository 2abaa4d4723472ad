/// An address of version 4 of the Internet Protocol.
package struct IPv4Address: Hashable, Sendable {
    /// Its 32 bits, of which the first stands highest.
    package let number: UInt32

    /// The address of that number.
    package init(number: UInt32) {
        self.number = number
    }

    /// Reads four decimal numbers with dots between them; nil for what is none.
    package init?(parsing text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = decimal(part), byte <= 255 else { return nil }
            number = number << 8 | byte
        }
        self.number = number
    }

    /// As it goes over the wire.
    package var bytes: [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

extension IPv4Address: CustomStringConvertible {
    /// Four decimal numbers with dots between them.
    package var description: String { bytes.map { "\($0)" }.joined(separator: ".") }
}

/// Addresses that begin with the same bits.
package struct IPv4Block: Hashable, Sendable {
    /// The first address of them.
    package let first: IPv4Address
    /// How many bits are the same.
    package let prefixLength: UInt32

    /// Makes the block that an address is in.
    package init(around address: IPv4Address, prefixLength: UInt32) {
        precondition(prefixLength <= 32, "an address has 32 bits")
        self.prefixLength = prefixLength
        first = IPv4Address(number: address.number & Self.mask(prefixLength))
    }

    /// Reads an address and a length, as `10.211.0.0/16`.
    ///
    /// Nil for what is none, or has bits set that are not the same for all.
    package init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(parsing: parts[0]),
            let length = decimal(parts[1]), length <= 32
        else { return nil }
        self.init(around: address, prefixLength: length)
        guard first == address else { return nil }
    }

    /// The bits that are the same.
    package var mask: IPv4Address { IPv4Address(number: Self.mask(prefixLength)) }

    /// How many addresses these are.
    package var count: UInt64 { 1 << UInt64(32 - prefixLength) }

    /// Whether an address is one of them.
    package func contains(_ address: IPv4Address) -> Bool {
        address.number & mask.number == first.number
    }

    private static func mask(_ length: UInt32) -> UInt32 {
        length == 0 ? 0 : .max << (32 - length)
    }
}

extension IPv4Block: CustomStringConvertible {
    /// The first address, and how many bits are the same.
    package var description: String { "\(first)/\(prefixLength)" }
}

/// At most three digits; a leading zero is for some programs the sign of an octal number.
private func decimal(_ text: some StringProtocol) -> UInt32? {
    guard (1...3).contains(text.utf8.count), text == "0" || text.utf8.first != UInt8(ascii: "0"),
        text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return UInt32(text)
}
