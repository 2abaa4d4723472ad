import ShimProtocol

/// Finds where in an index to begin for bytes from a given offset on, by halving.
///
/// The answer is a `run` record that stands before every record about those bytes: the last run
/// that began below the offset. From there a scan forward sees all it must see, gaps at the very
/// offset included. Pure: the owner reads the records it is asked for.
struct IndexSearch {
    private enum Phase {
        /// All records before `low` begin below the target, none from `high` on does.
        case halving(low: UInt64, high: UInt64)
        /// Back over gaps, to the run that was in force.
        case walkingBack(to: UInt64)
        case done(UInt64)
    }

    private let target: UInt64
    /// The first record that is kept.
    private let first: UInt64
    private var phase: Phase

    /// Begins a search among these records for the bytes from `target` on.
    init(target: UInt64, records: Range<UInt64>) {
        self.target = target
        first = records.lowerBound
        // Nothing stands before the first byte.
        phase =
            target == 0
            ? .done(first) : .halving(low: first, high: records.upperBound)
        settle()
    }

    /// The number of the record that is to be read next; nil when the search is over.
    var probe: UInt64? {
        switch phase {
        case .halving(let low, let high): low + (high - low) / 2
        case .walkingBack(let number): number
        case .done: nil
        }
    }

    /// The number of the record to begin with, once the search is over.
    var result: UInt64? {
        guard case .done(let number) = phase else { return nil }
        return number
    }

    /// Takes the record that was asked for; nil when it is damaged.
    mutating func take(_ record: IndexRecord?) {
        switch phase {
        case .halving(let low, let high):
            let middle = low + (high - low) / 2
            // A damaged record is passed over by the scan, which begins before it.
            let isBelow = record.map { $0.beginsBelow(target) } ?? false
            phase =
                isBelow
                ? .halving(low: middle + 1, high: high) : .halving(low: low, high: middle)
        case .walkingBack(let number):
            if case .run? = record {
                phase = .done(number)
            } else {
                phase = number == first ? .done(first) : .walkingBack(to: number - 1)
            }
        case .done:
            preconditionFailure("nothing was asked")
        }
        settle()
    }

    private mutating func settle() {
        guard case .halving(let low, let high) = phase, low == high else { return }
        phase = low == first ? .done(first) : .walkingBack(to: low - 1)
    }
}

extension IndexRecord {
    fileprivate func beginsBelow(_ target: UInt64) -> Bool {
        switch self {
        case .started: true
        case .run(let offset, _, _), .gap(let offset, _, _, _): offset < target
        case .end, .neverRan: false
        }
    }
}
