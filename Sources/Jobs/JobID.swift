/// The identifier of a job: a UUID version 7.
///
/// It begins with the millisecond of its making, so identifiers sort by time as numbers, as bytes
/// and as text (RFC 9562, section 5.7). It is never reused, and unique across hosts.
public struct JobID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension JobID {
    /// How many bytes an identifier has.
    package static let byteCount = 16

    /// The identifier's sixteen bytes, most significant first.
    package var bytes: [UInt8] {
        [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }

    /// Reads sixteen bytes, most significant first; any other number of bytes is no identifier.
    package init?(bytes: [UInt8]) {
        guard bytes.count == JobID.byteCount else { return nil }
        let word = { (part: ArraySlice<UInt8>) in part.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
    }
}

extension JobID {
    /// The variable that tells every process of a job which job it is of.
    static let variableName = "CMDCTL_JOB_ID"

    /// When the identifier was made, as far as it says so: milliseconds since the Unix epoch.
    var unixMilliseconds: UInt64 { high >> 16 }

    /// Whether it can be one that was made for a job: of version 7, and of a time that a
    /// ``Timestamp`` can tell.
    ///
    /// Files may be named after anything.
    var isOfJob: Bool {
        high >> 12 & 0xF == 7 && low >> 62 == 0b10
            && unixMilliseconds <= UInt64(Int64.max) / 1_000_000
    }
}

extension JobID: Comparable {
    /// Orders identifiers by the time of their making.
    public static func < (left: JobID, right: JobID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension JobID: LosslessStringConvertible {
    /// The canonical form: 32 lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12.
    public var description: String {
        let digits = JobID.hexadecimal(high) + JobID.hexadecimal(low)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the canonical form, in either case; anything else is not an identifier.
    public init?(_ description: String) {
        let text = Array(description.utf8)
        guard text.count == 36 else { return nil }
        var words: [UInt64] = [0, 0]
        var digitCount = 0
        for (index, character) in text.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = JobID.value(ofDigit: character) else { return nil }
            words[digitCount / 16] = words[digitCount / 16] << 4 | digit
            digitCount += 1
        }
        self.init(high: words[0], low: words[1])
    }

    private static func hexadecimal(_ word: UInt64) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return stride(from: 60, through: 0, by: -4).map { digits[Int(word >> $0 & 0xF)] }
    }

    private static func value(ofDigit character: UInt8) -> UInt64? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(character - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(character - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(character - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
