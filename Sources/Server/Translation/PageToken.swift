import Jobs
import SwiftProtobuf

/// Where the next page of a list begins: after which job, of which question.
///
/// Opaque to clients. It grants nothing, since every page is filtered by what the caller may see.
struct PageToken: Equatable {
    /// The last job of the page before.
    let last: JobID

    /// A fingerprint of the question: the pages of one list must answer one question.
    private let question: UInt64

    /// The form of a token; another number for another form, so that old tokens are refused.
    private static let version: UInt8 = 1

    /// Names the last job; `filter` is all that makes the question, which is a filter as a rule.
    init(last: JobID, filter: some SwiftProtobuf.Message) {
        self.last = last
        question = Self.fingerprint(of: filter)
    }

    /// Reads a token that came back with a filter.
    init(_ text: String, filter: some SwiftProtobuf.Message) throws(CallError) {
        guard let bytes = Self.bytes(ofHexadecimal: text), bytes.first == Self.version,
            bytes.count == 1 + JobID.byteCount + 8,
            let last = JobID(bytes: Array(bytes[1...JobID.byteCount]))
        else {
            throw .badRequest([
                FieldViolation(
                    field: "page_token",
                    description: "Send the next_page_token of the page before, unchanged.")
            ])
        }
        self.init(last: last, filter: filter)
        guard bytes.suffix(8).reduce(0, { $0 << 8 | UInt64($1) }) == question else {
            throw .badRequest([
                FieldViolation(
                    field: "page_token",
                    description: "It belongs to a list with another filter; send that filter.")
            ])
        }
    }

    /// What the client sends back.
    var text: String {
        let fingerprint = stride(from: 56, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: question >> $0)
        }
        return ([Self.version] + last.bytes + fingerprint).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    /// FNV-1a over the filter with its maps in order; the same in every process.
    private static func fingerprint(of filter: some SwiftProtobuf.Message) -> UInt64 {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        // A filter has no required field and no Any, the two reasons for encoding to fail.
        let bytes: [UInt8] = (try? filter.serializedBytes(options: options)) ?? []
        return bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func bytes(ofHexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
