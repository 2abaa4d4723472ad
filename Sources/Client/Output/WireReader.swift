/// Reads the protobuf wire format field by field, without making objects.
struct WireReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// A message that is not one: the sender and we disagree about the format.
    struct Malformed: Error, Equatable {}

    /// What a field holds; a range says where in the message its bytes are.
    enum Value: Equatable {
        case varint(UInt64)
        case fixed64
        case bytes(Range<Int>)
        case fixed32
    }

    init(_ bytes: [UInt8]) {
        self.init(bytes, in: bytes.indices)
    }

    /// Reads a message that stands inside of another one.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field's number and value, or nil at the end.
    mutating func next() throws(Malformed) -> (number: UInt64, value: Value)? {
        guard position < end else { return nil }
        let tag = try varint()
        guard tag >> 3 > 0 else { throw Malformed() }
        switch tag & 7 {
        case 0: return (tag >> 3, .varint(try varint()))
        case 1:
            try skip(8)
            return (tag >> 3, .fixed64)
        case 2: return (tag >> 3, .bytes(try lengthDelimited()))
        case 5:
            try skip(4)
            return (tag >> 3, .fixed32)
        default: throw Malformed()
        }
    }

    private mutating func varint() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Malformed()
    }

    private mutating func lengthDelimited() throws(Malformed) -> Range<Int> {
        let length = try varint()
        guard length <= UInt64(end - position) else { throw Malformed() }
        let start = position
        position += Int(length)
        return start..<position
    }

    private mutating func skip(_ count: Int) throws(Malformed) {
        guard count <= end - position else { throw Malformed() }
        position += count
    }
}
