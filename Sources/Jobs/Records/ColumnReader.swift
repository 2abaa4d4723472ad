import GRDB
import Reactor

/// Takes the values of a row off its front, one after the other.
struct ColumnReader {
    /// A value is there and means nothing.
    struct Nonsense: Error {}

    private let row: Row
    private var index = 0

    init(_ row: Row) {
        self.row = row
    }

    mutating func next<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ type: Value.Type = Value.self
    ) throws -> Value {
        defer { index += 1 }
        return try row.decode(Value.self, atIndex: index)
    }

    /// A value with a meaning, or none.
    mutating func next<Meaning>(_ meaning: (String) -> Meaning?) throws -> Meaning? {
        guard let text = try next(String?.self) else { return nil }
        guard let value = meaning(text) else { throw Nonsense() }
        return value
    }

    /// A value with a meaning, which must be there.
    mutating func required<Meaning>(_ meaning: (String) -> Meaning?) throws -> Meaning {
        guard let value = try next(meaning) else { throw Nonsense() }
        return value
    }

    mutating func bytes() throws -> [UInt8]? { try next(ColumnText.decoded) }

    mutating func text() throws -> String? {
        try bytes().map { String(decoding: $0, as: UTF8.self) }
    }

    mutating func timestamp() throws -> Timestamp? {
        try next(Int64?.self).map { Timestamp(nanoseconds: $0) }
    }

    mutating func duration() throws -> Duration? {
        try next(Int64?.self).map { .nanoseconds($0) }
    }

    /// A count stands with the bits it has; none that is possible comes near the sign.
    mutating func count() throws -> UInt64? {
        try next(Int64?.self).map { UInt64(bitPattern: $0) }
    }
}
