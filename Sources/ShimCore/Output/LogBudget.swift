package import ShimProtocol

/// Keeps a log and its index within their bound: how much more they may take, and which part of
/// them is given up for it.
///
/// To keep the newest output, log and index are given up in pieces, oldest first. A piece is a
/// sixty-fourth of the bound, or 4 KiB where that is more, and begins with a run (or with the gap
/// before it), so that the first record that is kept describes the first byte that is.
///
/// Pure; `OutputWriter` does what it says.
package struct LogBudget {
    /// Where log and index end, or where a piece of them begins.
    package struct Place: Equatable {
        /// The offset in the log.
        package var offset: UInt64
        /// The number of the record.
        package var record: UInt64

        package init(offset: UInt64, record: UInt64) {
            self.offset = offset
            self.record = record
        }
    }

    private static let piecesMax: UInt64 = 64
    private static let pieceMin: UInt64 = 4096
    /// For a gap that is told at once, for the last one, and for the end.
    private static let roomForEnd = 3 * UInt64(IndexRecord.size)

    private var limit: ShimPlan.LogLimit
    /// What the plan says.
    private let bytesPlanned: UInt64
    /// The beginnings of the pieces, oldest first; empty unless the newest output is kept.
    private var pieces: [Place] = []
    /// What is kept begins here.
    package private(set) var kept = Place(offset: 0, record: 0)
    /// And what has in fact been given up ends here.
    private var given = Place(offset: 0, record: 0)

    package init(_ limit: ShimPlan.LogLimit) {
        self.limit = limit
        bytesPlanned = limit.bytesMax
    }

    /// What becomes of output that has no room.
    package var action: ShimPlan.LogLimit.Action { limit.action }

    /// From now on the oldest output cannot be given up, so the newest is dropped.
    package mutating func dropFromNowOn() {
        limit.action = .dropNewest
        pieces = []
        kept = given
    }

    /// All that was to be given up is.
    package mutating func gaveUp() {
        given = kept
    }

    /// From now on less is kept, or as much again as was planned if that is nil.
    ///
    /// A piece that is as large as all that may be kept could not be given up: so another one
    /// begins.
    ///
    /// - Returns: whether it does.
    package mutating func bound(to bytes: UInt64?, at place: Place) -> Bool {
        guard action == .keepNewest else { return false }
        limit.bytesMax = min(bytesPlanned, max(bytes ?? .max, ShimPlan.LogLimit.bytesMin))
        guard let piece = pieces.last, piece != place else { return false }
        pieces.append(place)
        return true
    }

    /// Somebody has made the log shorter: nothing before this offset is there any more.
    package mutating func lostAll(before offset: UInt64) {
        kept.offset = offset
        given.offset = offset
        pieces.removeAll { $0.offset < offset }
    }

    /// Whether what is written at `place` begins a new piece, and so a new run.
    package func beginsPiece(at place: Place) -> Bool {
        guard action == .keepNewest else { return false }
        return pieces.last.map { size(from: $0, to: place) >= pieceSize } ?? true
    }

    /// A piece begins; its first record is the next one.
    package mutating func begin(at place: Place) {
        pieces.append(place)
    }

    /// How many of `count` bytes may be written at once, after so many records.
    package func share(of count: Int, at place: Place, records: Int) -> Int {
        let all = UInt64(count)
        guard action == .keepNewest else {
            return Int(min(all, room(at: place, records: records)))
        }
        guard !beginsPiece(at: place), let piece = pieces.last else {
            return Int(min(all, pieceSize))
        }
        // Less than a piece is used, or another one would begin here.
        return Int(min(all, pieceSize - size(from: piece, to: place)))
    }

    /// The place below which everything must go before `count` bytes and so many records are
    /// written; nil if nothing must.
    package mutating func makeRoom(
        for count: Int, at place: Place, records: Int
    ) -> Place? {
        guard action == .keepNewest else { return nil }
        let before = kept
        while taken(at: place, records: records) + UInt64(count) > limit.bytesMax,
            pieces.count > 1
        {
            pieces.removeFirst()
            kept = pieces[0]
        }
        return kept == before ? nil : kept
    }

    private var pieceSize: UInt64 { max(limit.bytesMax / Self.piecesMax, Self.pieceMin) }

    private func size(from start: Place, to end: Place) -> UInt64 {
        end.offset - start.offset + (end.record - start.record) * UInt64(IndexRecord.size)
    }

    /// How many bytes of output have room, when so many records come before them.
    private func room(at place: Place, records: Int) -> UInt64 {
        limit.bytesMax - min(limit.bytesMax, taken(at: place, records: records))
    }

    /// What both files take with so many more records, and with what comes at the end.
    private func taken(at place: Place, records: Int) -> UInt64 {
        place.offset - kept.offset + Self.roomForEnd
            + Self.indexSize(from: kept.record, to: place.record + UInt64(records))
    }

    /// The header, the records that are kept, and the first block, which always is.
    private static func indexSize(from first: UInt64, to end: UInt64) -> UInt64 {
        let (header, record) = (UInt64(IndexHeader.size), UInt64(IndexRecord.size))
        let gone = header + first * record
        let punched = gone - min(gone, IndexHeader.firstBlockSize)
        return header + end * record - punched
    }
}
