/// Appends fields of a protobuf message to bytes, for the one message that is written by hand.
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

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
