/// Writes JSON (RFC 8259), as much of it as records need: objects, lists, strings, numbers,
/// truths.
struct JSONWriter {
    private(set) var text: [UInt8] = []
    /// Whether the next member or element follows another one.
    private var needsComma = false

    /// An object, whose members `write` adds.
    mutating func object(_ write: (inout JSONWriter) -> Void) {
        enclosed(UInt8(ascii: "{"), UInt8(ascii: "}"), write)
    }

    /// A member of an object, whose value `write` adds.
    mutating func member(_ name: String, _ write: (inout JSONWriter) -> Void) {
        string(name)
        text.append(UInt8(ascii: ":"))
        needsComma = false
        write(&self)
    }

    /// A member that is a number, if there is one.
    mutating func member(_ name: String, _ value: UInt64?) {
        guard let value else { return }
        member(name) { $0.number(value) }
    }

    /// A list of values, each of which `write` adds.
    mutating func objects<Value>(
        _ values: [Value], _ write: (Value, inout JSONWriter) -> Void
    ) {
        enclosed(UInt8(ascii: "["), UInt8(ascii: "]")) { writer in
            for value in values { write(value, &writer) }
        }
    }

    /// A list of strings.
    mutating func list(_ strings: [String]) {
        enclosed(UInt8(ascii: "["), UInt8(ascii: "]")) { writer in
            for element in strings { writer.string(element) }
        }
    }

    /// An object of strings, in the order of their names, so that equal values give equal texts.
    mutating func map(_ strings: [String: String]) {
        object { writer in
            for (name, value) in strings.sorted(by: { $0.key < $1.key }) {
                writer.member(name) { $0.string(value) }
            }
        }
    }

    /// A truth value.
    mutating func truth(_ value: Bool) {
        separate()
        text += Array((value ? "true" : "false").utf8)
    }

    /// A whole number.
    mutating func number(_ value: UInt64) {
        separate()
        text += Array("\(value)".utf8)
    }

    /// A string.
    mutating func string(_ value: String) {
        separate()
        text.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: text += JSONWriter.escape(byte)
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    private mutating func enclosed(
        _ opening: UInt8, _ closing: UInt8, _ write: (inout JSONWriter) -> Void
    ) {
        separate()
        text.append(opening)
        needsComma = false
        write(&self)
        text.append(closing)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { text.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// A control character in the one form that serves for all of them.
    private static func escape(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
    }
}
