/// Appends what messages are made of: numbers in the machine's own order, and attributes.
///
/// An attribute is its size, its type and its value, padded to four bytes, netlink(7). A value may be
/// attributes again.
struct NetlinkWriter: Equatable {
    private(set) var bytes: [UInt8] = []

    /// Says that a value is attributes; NLA_F_NESTED.
    private static let nested: UInt16 = 1 << 15

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    mutating func append(raw: some Sequence<UInt8>) {
        bytes.append(contentsOf: raw)
    }

    mutating func attribute(_ type: UInt16, _ value: some FixedWidthInteger) {
        attribute(type, raw: withUnsafeBytes(of: value) { Array($0) })
    }

    /// Text with a NUL at its end.
    mutating func attribute(_ type: UInt16, _ text: String) {
        attribute(type, raw: Array(text.utf8) + [0])
    }

    mutating func attribute(_ type: UInt16, raw value: [UInt8]) {
        append(UInt16(4 + value.count))
        append(type)
        append(raw: value)
        append(raw: repeatElement(0, count: -value.count & 3))
    }

    mutating func attribute(_ type: UInt16, nesting body: (inout NetlinkWriter) -> Void) {
        var inner = NetlinkWriter()
        body(&inner)
        attribute(type | Self.nested, raw: inner.bytes)
    }
}
