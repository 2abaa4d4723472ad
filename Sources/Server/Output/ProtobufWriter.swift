import SwiftProtobuf

/// Appends fields of a protobuf message to bytes, for the messages that are written by hand.
///
/// The format: https://protobuf.dev/programming-guides/encoding/.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// A number field; zero is the default and is left out, as proto3 does.
    mutating func number(_ value: UInt64, field: Int) {
        guard value != 0 else { return }
        varint(UInt64(field) << 3)
        varint(value)
    }

    /// A signed number field; a negative one takes ten bytes.
    mutating func number(_ value: Int32, field: Int) {
        number(UInt64(bitPattern: Int64(value)), field: field)
    }

    /// The word of an enumeration.
    mutating func word(_ value: some Enum, field: Int) {
        number(UInt64(value.rawValue), field: field)
    }

    /// A number field that tells zero from nothing.
    mutating func number(_ value: UInt64?, ofOptional field: Int) {
        guard let value else { return }
        varint(UInt64(field) << 3)
        varint(value)
    }

    /// A text field; empty is the default and is left out.
    mutating func text(_ value: String, field: Int) {
        if !value.isEmpty { element(value, field: field) }
    }

    /// One text of several, which may be empty.
    mutating func element(_ value: String, field: Int) {
        head(ofLength: value.utf8.count, field: field)
        bytes.append(contentsOf: value.utf8)
    }

    /// A field that is a message: what `body` writes.
    mutating func message(field: Int, _ body: (inout ProtobufWriter) -> Void) {
        head(ofLength: 0, field: field)
        let start = bytes.count
        body(&self)
        let length = bytes.count - start
        // Most messages are short enough for the byte that the length has got.
        bytes[start - 1] = UInt8(truncatingIfNeeded: length)
        guard length >= 0x80 else { return }
        var size = ProtobufWriter(reserving: 0)
        size.varint(UInt64(length))
        bytes.replaceSubrange(start - 1..<start, with: size.bytes)
    }

    /// A field that is a message, as the generated code writes it.
    mutating func bytes(of message: some Message, field: Int) {
        // Only a message with required fields can fail, and proto3 has none.
        let written: [UInt8] = (try? message.serializedBytes()) ?? []
        head(ofLength: written.count, field: field)
        bytes.append(contentsOf: written)
    }

    /// The tag and length of a field of bytes or of a message, which the caller writes next.
    mutating func head(ofLength length: Int, field: Int) {
        varint(UInt64(field) << 3 | 2)
        varint(UInt64(length))
    }

    /// Bytes a ``number(_:field:)`` takes, for fields up to 15.
    static func size(ofNumber value: UInt64) -> Int {
        value == 0 ? 0 : 1 + varintSize(value)
    }

    /// Seven bits a byte.
    static func varintSize(_ value: UInt64) -> Int {
        (64 - (value | 1).leadingZeroBitCount + 6) / 7
    }

    /// Mostly one byte: short messages have small numbers.
    @inline(__always)
    private mutating func varint(_ value: UInt64) {
        if value < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value))
        } else {
            longVarint(value)
        }
    }

    private mutating func longVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
