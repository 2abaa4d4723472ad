/// One HTTP/2 frame, made or taken apart by hand. (RFC 9113, section 4.1.)
struct RawFrame: Equatable, CustomStringConvertible {
    enum Kind: UInt8 {
        case data = 0, headers = 1, priority, reset, settings, pushPromise, ping, goAway
        case windowUpdate, continuation
    }

    static let endStream: UInt8 = 0x1
    static let acknowledgement: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4

    /// What a client says before its first frame. (RFC 9113, section 3.4.)
    static let clientPreface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    var kind: Kind
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    var description: String { "\(kind) flags \(flags) stream \(stream) \(payload.count) bytes" }

    var endsStream: Bool {
        (kind == .data || kind == .headers) && flags & Self.endStream != 0
    }

    var bytes: [UInt8] {
        Array(Self.bigEndian(UInt32(payload.count)).dropFirst())
            + [kind.rawValue, flags] + Self.bigEndian(stream) + payload
    }

    /// The number in the payload from `offset` on.
    func number(at offset: Int = 0) -> UInt32 {
        payload[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func bigEndian(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    /// Takes the first whole frame off `bytes`.
    init?(from bytes: inout [UInt8]) {
        guard bytes.count >= 9, let kind = Kind(rawValue: bytes[3]) else { return nil }
        let count = bytes[0..<3].reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 9 + count else { return nil }
        self.kind = kind
        flags = bytes[4]
        stream = bytes[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
        payload = Array(bytes[9..<9 + count])
        bytes.removeFirst(9 + count)
    }

    init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    // MARK: The usual ones

    static func settings(_ entries: [(UInt16, UInt32)] = []) -> RawFrame {
        RawFrame(
            .settings,
            entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + bigEndian($0.1) })
    }

    static func headers(
        _ fields: [(String, String)], stream: UInt32, endsStream: Bool = false
    ) -> RawFrame {
        RawFrame(
            .headers, flags: endHeaders | (endsStream ? endStream : 0), stream: stream,
            fields.flatMap { [0] + literal($0.0) + literal($0.1) })
    }

    static func data(_ bytes: [UInt8], stream: UInt32, endsStream: Bool = false) -> RawFrame {
        RawFrame(.data, flags: endsStream ? endStream : 0, stream: stream, bytes)
    }

    static func reset(_ code: UInt32, stream: UInt32) -> RawFrame {
        RawFrame(.reset, stream: stream, bigEndian(code))
    }

    static func ping(_ payload: UInt8, isAnswer: Bool = false) -> RawFrame {
        RawFrame(
            .ping, flags: isAnswer ? acknowledgement : 0, Array(repeating: payload, count: 8))
    }

    static func goAway(last: UInt32, code: UInt32 = 0) -> RawFrame {
        RawFrame(.goAway, bigEndian(last) + bigEndian(code))
    }

    static func windowUpdate(_ increment: UInt32, stream: UInt32) -> RawFrame {
        RawFrame(.windowUpdate, stream: stream, bigEndian(increment))
    }

    /// A string literal without Huffman coding. (RFC 7541, sections 5.1 and 5.2.)
    private static func literal(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var rest = bytes.count - 127
        var length: [UInt8] = [127]
        while rest >= 128 {
            length.append(UInt8(rest % 128 + 128))
            rest /= 128
        }
        return length + [UInt8(rest)] + bytes
    }
}
