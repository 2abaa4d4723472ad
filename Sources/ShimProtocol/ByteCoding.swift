/// Appends little-endian integers and length-prefixed strings.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func append(raw: some Sequence<UInt8>) {
        bytes.append(contentsOf: raw)
    }

    mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        append(raw: text.utf8)
    }

    /// Ends the message with the checksum of all that is before it.
    consuming func sealed() -> [UInt8] {
        let checksum = CRC32C.checksum(of: bytes)
        append(checksum)
        return bytes
    }
}

/// Takes little-endian integers and length-prefixed strings off the front of bytes that may be
/// anything.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self
    ) throws(FormatError) -> Value {
        let taken = try raw(count: Value.bitWidth / 8)
        return taken.reversed().reduce(0) { value, byte in value << 8 | Value(byte) }
    }

    mutating func raw(count: Int) throws(FormatError) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw .truncated }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// A place in a file: no file is longer than a signed 64-bit number says (off_t), and who adds
    /// to a place need not fear that it overflows.
    mutating func offset(_ field: String) throws(FormatError) -> UInt64 {
        let offset = try integer(UInt64.self)
        guard offset <= UInt64(Int64.max) else { throw .malformed(field: field) }
        return offset
    }

    /// The number of a record of an index: no file has room for more.
    mutating func recordNumber() throws(FormatError) -> UInt64 {
        let number = try integer(UInt64.self)
        guard number <= UInt64(Int64.max) / UInt64(IndexRecord.size) else {
            throw .malformed(field: "first record")
        }
        return number
    }

    /// A string as the kernel can take it: UTF-8 without a NUL.
    mutating func text(_ field: String) throws(FormatError) -> String {
        let length = try integer(UInt32.self)
        let bytes = try raw(count: Int(length))
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(field: field)
        }
        return text
    }

    /// Checks the checksum that `ByteWriter.sealed()` put at the end, and cuts it off.
    static func unsealed(_ bytes: [UInt8]) throws(FormatError) -> ByteReader {
        guard bytes.count >= 4 else { throw .truncated }
        var checksum = ByteReader(bytes.suffix(4))
        let body = bytes.dropLast(4)
        guard try checksum.integer(UInt32.self) == CRC32C.checksum(of: body) else { throw .damaged }
        return ByteReader(body)
    }
}
