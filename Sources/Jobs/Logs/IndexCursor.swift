import Reactor
import ShimProtocol

/// A follower's place in an index.
///
/// It is one run and one number, however long the index is. What only matters to bytes further on
/// is left for the next scan, because of two records at one offset the last is true, and the last
/// may not be there yet.
struct IndexCursor: Equatable {
    /// The number of the record to read next.
    private(set) var position: UInt64
    /// The run that the last described byte lies in.
    private var current: IndexScan.Run?
    /// Where the next record's bytes begin, if that was seen: until there nothing is to be read.
    private var beyond: UInt64?

    /// Begins at a record that ``IndexSearch`` has found.
    init(position: UInt64) {
        self.position = position
    }

    /// Begins to describe the bytes in `range`, which begins where the described ones end.
    ///
    /// An empty range only finds out whether output is missing there.
    func scan(_ range: Range<UInt64>, runsMax: Int) -> IndexScan {
        var scan = IndexScan(range: range, current: current, position: position, runsMax: runsMax)
        if let beyond { scan.skip(to: beyond) }
        return scan
    }

    /// Ends a scan, and moves behind what it has described.
    mutating func finish(_ scan: IndexScan) -> IndexScan.Finding {
        let finding = scan.finding
        if case .untagged = finding { return finding }
        position = scan.positionAfter
        current = scan.runs.last
        // A damaged record before it may be whole when it is read again.
        beyond = current == nil || scan.hasMetDamage ? nil : scan.offsetBeyond
        return finding
    }
}

/// One range of bytes being described by the records of an index: pure, fed record by record.
struct IndexScan {
    /// What the records say about a range.
    enum Finding: Equatable {
        /// These runs describe the range, or its beginning. None: the range was empty, and nothing
        /// is missing there.
        case runs([LogRun])
        /// Output is missing right where the range begins.
        case gap(LogGap)
        /// No record describes the first so many bytes.
        case untagged(UInt64)
    }

    /// From `offset` on, bytes came from `stream`.
    struct Run: Equatable {
        var offset: UInt64
        var stream: StreamTag
        var time: Timestamp
    }

    /// The runs in the range; the first may begin before it.
    fileprivate private(set) var runs: [Run]
    /// The number of the first record that was not used up.
    fileprivate private(set) var positionAfter: UInt64
    /// The number of the record to hand in next.
    private(set) var next: UInt64
    /// Whether no further record can matter to the range.
    private(set) var isComplete = false
    /// Whether a record was damaged, or given up meanwhile.
    private(set) var hasMetDamage = false
    /// The offset of the first record beyond the range: all bytes before it have been written.
    private(set) var offsetBeyond: UInt64?

    private let range: Range<UInt64>
    private let runsMax: Int
    /// Where the described part of the range ends.
    private var end: UInt64
    private var gap: LogGap?

    fileprivate init(range: Range<UInt64>, current: Run?, position: UInt64, runsMax: Int) {
        self.range = range
        self.runsMax = runsMax
        runs = current.map { [$0] } ?? []
        positionAfter = position
        next = position
        end = range.upperBound
    }

    /// Takes note that no record before that offset is left.
    fileprivate mutating func skip(to offset: UInt64) {
        if offset >= max(range.upperBound, range.lowerBound + 1) {
            stop(at: range.upperBound, beyond: offset)
        }
    }

    /// Takes the next record; nil when it is damaged.
    ///
    /// A damaged record at the very end may be one that is just being written, so it is only used
    /// up together with a whole one after it.
    mutating func take(_ record: IndexRecord?) {
        precondition(!isComplete, "no record can matter any more")
        next += 1
        switch record {
        case nil:
            hasMetDamage = true
        case .started:
            positionAfter = next
        case .run(let offset, let time, let stream):
            let time = Timestamp(nanoseconds: time)
            takeRun(Run(offset: offset, stream: stream, time: time))
        case .gap(let offset, _, let droppedBytes, _):
            takeGap(at: offset, droppedBytes: droppedBytes)
        case .end, .neverRan:
            isComplete = true
        }
    }

    private mutating func takeRun(_ run: Run) {
        skip(to: run.offset)
        guard !isComplete else { return }
        let begins =
            run.offset > range.lowerBound && runs.last.map { run.offset > $0.offset } == true
        if begins && runs.count == runsMax { return stop(at: run.offset, beyond: run.offset) }
        positionAfter = next
        guard !goesBack(run.offset) else { return }
        // Before the range, or a second record at one offset: the last is true.
        if !begins && !runs.isEmpty { runs.removeLast() }
        runs.append(run)
    }

    /// Offsets never go down; a record that does so is damaged, and is passed over.
    private func goesBack(_ offset: UInt64) -> Bool {
        runs.last.map { offset < $0.offset } ?? false
    }

    private mutating func takeGap(at offset: UInt64, droppedBytes: UInt64) {
        if offset > range.lowerBound && !goesBack(offset) {
            return stop(at: min(offset, range.upperBound), beyond: offset)
        }
        positionAfter = next
        guard offset == range.lowerBound else { return }
        gap = LogGap(offset: offset, length: 0, droppedBytes: droppedBytes, reason: .notWritten)
        isComplete = true
    }

    private mutating func stop(at end: UInt64, beyond offset: UInt64) {
        self.end = end
        offsetBeyond = offset
        isComplete = true
    }

    fileprivate var finding: Finding {
        if let gap { return .gap(gap) }
        guard !range.isEmpty else { return .runs([]) }
        guard let first = runs.first, first.offset <= range.lowerBound else {
            return .untagged((runs.first?.offset ?? end) - range.lowerBound)
        }
        let starts = [range.lowerBound] + runs.dropFirst().map(\.offset)
        let ends = starts.dropFirst() + [end]
        return .runs(
            zip(runs, zip(starts, ends)).map { run, bounds in
                LogRun(
                    length: Int(bounds.1 - bounds.0), isStandardError: run.stream == .stderr,
                    time: run.time)
            }
            // A run whose bytes could not be written is followed by a gap at its own offset.
            .filter { $0.length > 0 })
    }
}
