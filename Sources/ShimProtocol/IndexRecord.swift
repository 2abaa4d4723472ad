/// Which of the job's streams bytes came from.
///
/// Of a job with merged output all are `stdout`.
package enum StreamTag: UInt8, CaseIterable, Sendable {
    case stdout = 1
    case stderr = 2
}

/// Why output was dropped.
package enum GapReason: UInt8, CaseIterable, Sendable {
    /// The file system, or the user's quota on it, was full (ENOSPC, EDQUOT).
    case noSpace = 1
    /// A limit on the size of one file was reached (EFBIG).
    case fileTooLarge = 2
    /// The storage failed (EIO and whatever else).
    case storageFailure = 3
    /// The log and the index had reached the limit that the job was given.
    case logLimit = 4
}

/// An entry of an index file: 64 bytes, each with its own checksum, each at a multiple of 64.
///
/// A record is written before the bytes it describes. Offsets never go down; of two `run` records
/// at one offset the last is true.
package enum IndexRecord: Equatable, Sendable {
    /// The command began.
    ///
    /// Always the first record.
    case started(timeNanoseconds: Int64, shimPID: Int32, leaderPID: Int32)
    /// From `offset` on, until the next `run`, the log's bytes came from `stream`, from this time on.
    case run(offset: UInt64, timeNanoseconds: Int64, stream: StreamTag)
    /// Between the byte before `offset` and the byte at it, `droppedBytes` bytes of output are
    /// missing.
    ///
    /// They have no offsets of their own.
    case gap(offset: UInt64, timeNanoseconds: Int64, droppedBytes: UInt64, reason: GapReason)
    /// The job has ended and its log is complete.
    ///
    /// Always the last record.
    case end(EndRecord)
    /// The command never ran.
    ///
    /// Always the last record, and mostly the only one.
    case neverRan(NeverRanRecord)
}

extension IndexRecord {
    /// How many bytes each record has.
    package static let size = 64

    private enum Kind: UInt8 {
        case started = 1
        case run = 2
        case gap = 3
        case end = 4
    }

    /// The layout all kinds share, so that a search by offset or time need not look at the kind.
    struct Fields: Equatable {
        var kind: UInt8
        var detail: UInt8 = 0
        var flags: UInt16 = 0
        var number: Int32 = 0
        var offset: UInt64 = 0
        var timeNanoseconds: Int64
        var count: UInt64 = 0
        /// What is left of the record: 28 bytes, or fewer with zeros after them.
        var rest: ArraySlice<UInt8> = []

        static let restSize = 28
    }

    /// The 64 bytes.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        let fields = self.fields
        writer.append(fields.kind)
        writer.append(fields.detail)
        writer.append(fields.flags)
        writer.append(fields.number)
        writer.append(fields.offset)
        writer.append(fields.timeNanoseconds)
        writer.append(fields.count)
        writer.append(raw: fields.rest)
        writer.append(raw: repeatElement(0, count: Fields.restSize - fields.rest.count))
        return writer.sealed()
    }

    /// Reads one record from exactly 64 bytes.
    ///
    /// Nil: it was torn by a crash, or damaged.
    package init?(decoding bytes: [UInt8]) {
        guard bytes.count == Self.size, let fields = try? Fields(decoding: bytes) else {
            return nil
        }
        self.init(fields)
    }

    private var fields: Fields {
        switch self {
        case .started(let time, let shimPID, let leaderPID):
            Fields(
                kind: Kind.started.rawValue, number: leaderPID, timeNanoseconds: time,
                count: UInt64(UInt32(bitPattern: shimPID)))
        case .run(let offset, let time, let stream):
            Fields(
                kind: Kind.run.rawValue, detail: stream.rawValue, offset: offset,
                timeNanoseconds: time)
        case .gap(let offset, let time, let droppedBytes, let reason):
            Fields(
                kind: Kind.gap.rawValue, detail: reason.rawValue, offset: offset,
                timeNanoseconds: time, count: droppedBytes)
        case .end(let record):
            record.fields(kind: Kind.end.rawValue)
        case .neverRan(let record):
            record.fields(kind: Kind.end.rawValue)
        }
    }

    private init?(_ fields: Fields) {
        let time = fields.timeNanoseconds
        switch Kind(rawValue: fields.kind) {
        case .started:
            self = .started(
                timeNanoseconds: time, shimPID: Int32(truncatingIfNeeded: fields.count),
                leaderPID: fields.number)
        case .run:
            guard let stream = StreamTag(rawValue: fields.detail) else { return nil }
            self = .run(offset: fields.offset, timeNanoseconds: time, stream: stream)
        case .gap:
            guard let reason = GapReason(rawValue: fields.detail) else { return nil }
            self = .gap(
                offset: fields.offset, timeNanoseconds: time, droppedBytes: fields.count,
                reason: reason)
        case .end:
            if let record = EndRecord(fields) {
                self = .end(record)
            } else if let record = NeverRanRecord(fields) {
                self = .neverRan(record)
            } else {
                return nil
            }
        case nil:
            return nil
        }
    }
}

extension IndexRecord.Fields {
    fileprivate init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = try ByteReader.unsealed(bytes)
        self.init(
            kind: try reader.integer(), detail: try reader.integer(),
            flags: try reader.integer(), number: try reader.integer(),
            offset: try reader.offset("offset"), timeNanoseconds: try reader.integer(),
            count: try reader.integer(), rest: try reader.raw(count: Self.restSize))
    }
}
