/// One header block of a tar archive, as POSIX.1-2017 describes it under pax, "ustar Interchange
/// Format", with the numbers of GNU tar.
struct TarHeader {
    static let size = 512

    private let block: [UInt8]

    /// Nil for a block whose checksum is wrong.
    ///
    /// The sum is taken with spaces in its own place; some old programs added signed bytes.
    init?(_ block: [UInt8]) {
        precondition(block.count == Self.size, "a tar header has one size")
        self.block = block
        let field = 148..<156
        let sum = block.indices.reduce(0) {
            $0 + (field.contains($1) ? 0x20 : Int(block[$1]))
        }
        guard let stated = Self.octal(block[field]), stated == UInt64(sum) else { return nil }
    }

    /// Two such blocks end an archive.
    static func isEnd(_ block: [UInt8]) -> Bool { block.allSatisfy { $0 == 0 } }

    var type: UInt8 { block[156] }
    var mode: UInt64? { number(100..<108) }
    var userID: UInt64? { number(108..<116) }
    var groupID: UInt64? { number(116..<124) }
    var byteCount: UInt64? { number(124..<136) }
    var modifiedAt: UInt64? { number(136..<148) }
    var linkTarget: [UInt8] { text(157..<257) }

    /// The name, behind its prefix where the header is one of ustar's.
    var name: [UInt8] {
        let name = text(0..<100)
        // GNU tar ends this mark with spaces, and has times where ustar has the prefix.
        let isUstar = block[257..<263].elementsEqual(Array("ustar".utf8) + [0])
        let prefix = isUstar ? text(345..<500) : []
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    private func text(_ range: Range<Int>) -> [UInt8] {
        Array(block[range].prefix { $0 != 0 })
    }

    private func number(_ range: Range<Int>) -> UInt64? {
        let field = block[range]
        guard let first = field.first, first & 0x80 != 0 else { return Self.octal(field) }
        // GNU tar: a number in base 256, below zero if the next bit is set.
        guard first == 0x80 else { return nil }
        return field.dropFirst().reduce(UInt64?.some(0)) { value, byte in
            value.flatMap { $0 >> 56 == 0 ? $0 << 8 | UInt64(byte) : nil }
        }
    }

    /// Digits, after spaces and before spaces or NULs; an empty field is zero.
    private static func octal(_ field: ArraySlice<UInt8>) -> UInt64? {
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard digits.count <= 21 else { return nil }
        return digits.reduce(UInt64?.some(0)) { value, digit in
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
            return value.map { $0 << 3 | UInt64(digit - UInt8(ascii: "0")) }
        }
    }
}
