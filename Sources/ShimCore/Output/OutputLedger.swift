package import ShimProtocol

/// Keeps the books of a log: where it ends, which run is open, and what had to be dropped.
///
/// Pure; `OutputWriter` does what it says.
package struct OutputLedger {
    /// A run is not stretched over more time than this, so that every byte's time is known to it.
    package static let runSpanNanoseconds: Int64 = 10_000_000

    private struct Run {
        let stream: StreamTag
        let timeNanoseconds: Int64
    }

    /// Output that is being dropped.
    package struct Gap: Equatable {
        /// What is missing so far.
        package var droppedBytes: UInt64
        /// When the first byte of it was dropped.
        package let timeNanoseconds: Int64
        /// Why the first byte of it was dropped.
        package let reason: GapReason
    }

    /// The size of the log.
    package private(set) var offset: UInt64 = 0
    /// All that was ever dropped.
    package private(set) var droppedBytes: UInt64 = 0
    /// The gap at the log's end that has no record yet.
    package private(set) var gap: Gap?
    private var run: Run?

    package init() {}

    /// What must stand in the index before bytes from `stream` are written to the log.
    package func records(before stream: StreamTag, at time: Int64) -> [IndexRecord] {
        var records = gapRecord.map { [$0] } ?? []
        if gap != nil || !isOpen(stream, at: time) {
            records.append(.run(offset: offset, timeNanoseconds: time, stream: stream))
        }
        return records
    }

    /// The record of the open gap, if there is one.
    package var gapRecord: IndexRecord? {
        gap.map {
            .gap(
                offset: offset, timeNanoseconds: $0.timeNanoseconds,
                droppedBytes: $0.droppedBytes, reason: $0.reason)
        }
    }

    /// A record that was asked for is in the index.
    package mutating func recorded(_ record: IndexRecord) {
        switch record {
        case .run(_, let time, let stream): run = Run(stream: stream, timeNanoseconds: time)
        case .gap: gap = nil
        case .started, .end, .neverRan: break
        }
    }

    /// The next `count` bytes are in the log.
    package mutating func wrote(_ count: Int) {
        precondition(gap == nil, "bytes after a gap that was not recorded")
        precondition(run != nil, "bytes without a run")
        offset += UInt64(count)
    }

    /// The next `count` bytes are lost.
    package mutating func dropped(_ count: Int, at time: Int64, because reason: GapReason) {
        var gap = gap ?? Gap(droppedBytes: 0, timeNanoseconds: time, reason: reason)
        gap.droppedBytes += UInt64(count)
        self.gap = gap
        droppedBytes += UInt64(count)
        run = nil
    }

    /// Whatever comes next begins a new run.
    package mutating func endRun() {
        run = nil
    }

    /// A clock that was set back begins a new run, so that times are as the clock said.
    private func isOpen(_ stream: StreamTag, at time: Int64) -> Bool {
        guard let run, run.stream == stream else { return false }
        return time >= run.timeNanoseconds && time - run.timeNanoseconds < Self.runSpanNanoseconds
    }
}
