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
    /// Letters in the canonical form.
    private static let textLength = 36

    /// Where the canonical form has hyphens.
    private static func isHyphen(at index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    /// The canonical form: 32 lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12.
    public var description: String {
        String(unsafeUninitializedCapacity: JobID.textLength) { text in
            var (high, low) = (self.high, self.low)
            for index in 0..<JobID.textLength {
                guard !JobID.isHyphen(at: index) else {
                    text[index] = UInt8(ascii: "-")
                    continue
                }
                let digit = UInt8(truncatingIfNeeded: high >> 60)
                text[index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                (high, low) = (high << 4 | low >> 60, low << 4)
            }
            return JobID.textLength
        }
    }

    /// Reads the canonical form, in either case; anything else is not an identifier.
    public init?(_ description: String) {
        var description = description
        guard let id = description.withUTF8({ JobID(text: $0) }) else { return nil }
        self = id
    }

    private init?(text: UnsafeBufferPointer<UInt8>) {
        guard text.count == JobID.textLength else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<JobID.textLength {
            if JobID.isHyphen(at: index) {
                guard text[index] == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = JobID.value(ofDigit: text[index]) else { return nil }
            (high, low) = (high << 4 | low >> 60, low << 4 | digit)
        }
        self.init(high: high, low: low)
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
