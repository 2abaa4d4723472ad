/// Bytes as the text of a column, so that people can read what stands there.
enum ColumnText {
    /// UTF-8 as it is; of anything else, what is not ASCII stands as `%` and two digits.
    ///
    /// So does `%` itself. SQLite would end a text at a NUL, and `sqlite3` would print control
    /// characters.
    static func encoded(_ bytes: [UInt8]) -> String {
        let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "%") }
        if isPlain, let text = String(validating: bytes, as: UTF8.self) { return text }
        let parts = bytes.map { byte in
            let isPlain = (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "%")
            return isPlain ? [byte] : [UInt8(ascii: "%")] + digits(of: byte)
        }
        return String(decoding: parts.joined(), as: UTF8.self)
    }

    /// The bytes of such a text; nil when it is none.
    static func decoded(_ text: String) -> [UInt8]? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return Array(text.utf8) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = value(ofDigits: rest.prefix(2)) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    /// Two hexadecimal digits for each byte.
    static func hexadecimal(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap(digits), as: UTF8.self)
    }

    /// The bytes of such digits; nil when they are none.
    static func bytes(ofHexadecimal text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: characters.count, by: 2) {
            guard let value = value(ofDigits: characters[start..<start + 2]) else { return nil }
            bytes.append(value)
        }
        return bytes
    }

    private static func digits(of byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
    }

    private static func value(ofDigits pair: ArraySlice<UInt8>) -> UInt8? {
        guard pair.count == 2 else { return nil }
        var value: UInt8 = 0
        for character in pair {
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | (character - 0x30)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | (character - 0x57)
            default: return nil
            }
        }
        return value
    }
}
