/// Reads JSON (RFC 8259) piece by piece, whoever wrote it; what nobody asks for is skipped.
struct JSONReader {
    /// The text is no JSON, or not the JSON that was expected.
    struct Malformed: Error {}

    private let text: [UInt8]
    private var position = 0
    private var depth = 0

    /// Nothing on record is nested like this; a damaged text must not end in a stack overflow.
    private static let depthMax = 16

    init(_ text: String) {
        self.text = Array(text.utf8)
    }

    /// Reads an object; `read` takes the value of each member.
    mutating func object(
        _ read: (inout JSONReader, _ name: String) throws(Malformed) -> Void
    ) throws(Malformed) {
        try enclosed(UInt8(ascii: "{"), UInt8(ascii: "}")) { (reader) throws(Malformed) in
            let name = try reader.string()
            try reader.expect(UInt8(ascii: ":"))
            try read(&reader, name)
        }
    }

    /// Reads a list of strings.
    mutating func list() throws(Malformed) -> [String] {
        var strings: [String] = []
        try elements { (reader) throws(Malformed) in strings.append(try reader.string()) }
        return strings
    }

    /// Reads a list; `read` takes each element.
    mutating func elements(
        _ read: (inout JSONReader) throws(Malformed) -> Void
    ) throws(Malformed) {
        try enclosed(UInt8(ascii: "["), UInt8(ascii: "]"), read)
    }

    /// Reads a whole number that its type can hold.
    mutating func number<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(Malformed) -> Number {
        guard let number = Number(try word()) else { throw Malformed() }
        return number
    }

    /// Reads an object of strings.
    mutating func map() throws(Malformed) -> [String: String] {
        var strings: [String: String] = [:]
        try object { (reader, name) throws(Malformed) in strings[name] = try reader.string() }
        return strings
    }

    /// Reads a truth value.
    mutating func truth() throws(Malformed) -> Bool {
        switch try word() {
        case "true": true
        case "false": false
        default: throw Malformed()
        }
    }

    /// Reads a string.
    ///
    /// What stands between two ASCII characters of a valid text is valid.
    mutating func string() throws(Malformed) -> String {
        try expect(UInt8(ascii: "\""))
        // Nearly all strings are one plain run.
        let first = plainRun()
        if try next() == UInt8(ascii: "\"") { return String(decoding: first, as: UTF8.self) }
        var bytes = Array(first)
        repeat {
            try bytes.append(contentsOf: escaped())
            bytes += plainRun()
        } while try next() == UInt8(ascii: "\\")
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func plainRun() -> ArraySlice<UInt8> {
        let start = position
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            position += 1
        }
        return text[start..<position]
    }

    /// Passes over a value of any kind.
    mutating func skip() throws(Malformed) {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): try object { (reader, _) throws(Malformed) in try reader.skip() }
        case UInt8(ascii: "["):
            try elements { (reader) throws(Malformed) in try reader.skip() }
        case UInt8(ascii: "\""): _ = try string()
        default: _ = try word()
        }
    }

    /// Makes sure that nothing follows.
    mutating func end() throws(Malformed) {
        skipSpace()
        guard peek == nil else { throw Malformed() }
    }
}

extension JSONReader {
    private var peek: UInt8? { position < text.count ? text[position] : nil }

    private mutating func next() throws(Malformed) -> UInt8 {
        guard let byte = peek else { throw Malformed() }
        position += 1
        return byte
    }

    private mutating func skipSpace() {
        while let byte = peek, byte <= 0x20, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            position += 1
        }
    }

    private mutating func expect(_ byte: UInt8) throws(Malformed) {
        skipSpace()
        guard try next() == byte else { throw Malformed() }
    }

    /// What stands between two brackets, an element at a time.
    private mutating func enclosed(
        _ opening: UInt8, _ closing: UInt8,
        _ element: (inout JSONReader) throws(Malformed) -> Void
    ) throws(Malformed) {
        try expect(opening)
        depth += 1
        defer { depth -= 1 }
        guard depth <= JSONReader.depthMax else { throw Malformed() }
        skipSpace()
        if peek == closing { return position += 1 }
        while true {
            try element(&self)
            skipSpace()
            let separator = try next()
            if separator == closing { return }
            guard separator == UInt8(ascii: ",") else { throw Malformed() }
        }
    }

    /// A number, a truth or null, as it stands there.
    private mutating func word() throws(Malformed) -> String {
        skipSpace()
        let start = position
        while let byte = peek, JSONReader.isOfWord(byte) { position += 1 }
        guard position > start else { throw Malformed() }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return letters.contains(byte) || digits.contains(byte) || Array("+-.E".utf8).contains(byte)
    }

    private mutating func escaped() throws(Malformed) -> [UInt8] {
        switch try next() {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
        case let byte where Array("\"\\/".utf8).contains(byte): return [byte]
        default: throw Malformed()
        }
    }

    /// A character by its number; beyond the first plane it takes two, section 7.
    private mutating func scalar() throws(Malformed) -> Character {
        var number = try hexadecimal()
        if (0xD800..<0xDC00).contains(number) {
            guard try next() == UInt8(ascii: "\\"), try next() == UInt8(ascii: "u") else {
                throw Malformed()
            }
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw Malformed() }
            number = 0x10000 + (number - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(number) else { throw Malformed() }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        var number: UInt32 = 0
        for _ in 1...4 {
            let character = Character(Unicode.Scalar(try next()))
            guard let digit = character.hexDigitValue else { throw Malformed() }
            number = number << 4 | UInt32(digit)
        }
        return number
    }
}
