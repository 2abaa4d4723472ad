import ShimProtocol

/// What a command reads from its standard input.
///
/// The bytes are needed for the start and are then forgotten. What stays is how many they were, and
/// a checksum: enough to tell whether a repeated request asks for the same.
public struct StandardInput: Sendable {
    /// At most so many bytes can be given: they travel in the request.
    public static let byteCountMax = 1 << 20

    /// The bytes, until the command has been started.
    public private(set) var bytes: [UInt8]
    /// How many there are, or were.
    public let byteCount: Int
    let checksum: UInt32

    /// Takes the bytes; none stand for /dev/null.
    public init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
        byteCount = bytes.count
        checksum = CRC32C.checksum(of: bytes)
    }

    init(byteCount: Int, checksum: UInt32) {
        bytes = []
        self.byteCount = byteCount
        self.checksum = checksum
    }

    /// The same without its bytes.
    var forgotten: StandardInput { StandardInput(byteCount: byteCount, checksum: checksum) }
}

extension StandardInput: Hashable {
    /// Whether both are, or were, the same bytes, as far as size and checksum can tell.
    public static func == (one: StandardInput, other: StandardInput) -> Bool {
        one.byteCount == other.byteCount && one.checksum == other.checksum
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(byteCount)
        hasher.combine(checksum)
    }
}

extension StandardInput {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("byteCount", UInt64(byteCount))
            writer.member("checksum", UInt64(checksum))
        }
    }

    init(from reader: inout JSONReader) throws(JSONReader.Malformed) {
        var (byteCount, checksum) = (0, UInt32(0))
        try reader.object { (reader, name) throws(JSONReader.Malformed) in
            switch name {
            case "byteCount": byteCount = try reader.number()
            case "checksum": checksum = try reader.number()
            default: try reader.skip()
            }
        }
        self.init(byteCount: byteCount, checksum: checksum)
    }
}
