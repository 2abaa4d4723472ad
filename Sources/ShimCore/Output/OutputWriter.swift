import Glibc
package import ShimProtocol

/// Writes output to the log and what it was to the index, index first.
///
/// It never fails and never waits for space: the job must not feel the disk. What cannot be
/// written is dropped and counted.
package struct OutputWriter {
    private let storage: any ShimStorage
    private let log: Int32
    private var index: IndexFile
    private var ledger = OutputLedger()

    package init(storage: any ShimStorage, log: Int32, index: IndexFile) {
        self.storage = storage
        self.log = log
        self.index = index
    }

    /// The size of the log.
    var offset: UInt64 { ledger.offset }

    /// Records that the command runs.
    package mutating func recordStart(
        at time: Int64, shimPID: Int32, leaderPID: Int32
    ) throws(SystemError) {
        try index.append(
            .started(timeNanoseconds: time, shimPID: shimPID, leaderPID: leaderPID))
    }

    /// Records that it never ran, as far as that is possible: a daemon that lives is told anyway.
    mutating func recordFailure(_ failure: StartFailure) {
        try? index.appendLast(.neverRan(failure.record(at: storage.wallClockNanoseconds)))
    }

    /// Takes output of the job.
    package mutating func take(_ bytes: UnsafeRawBufferPointer, from stream: StreamTag) {
        var rest = bytes
        do throws(SystemError) {
            try giveUpWhatIsGone()
            try makeSureOfSpace(for: bytes.count)
            try writeRecords(before: stream)
            storage.reached(.outputRecorded)
            while !rest.isEmpty {
                let count = try storage.write(rest, to: log, at: ledger.offset)
                // A file that takes nothing and does not say why would hold the job for ever.
                guard count > 0 else { throw SystemError(number: EIO) }
                ledger.wrote(count)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            storage.reached(.outputWritten)
        } catch {
            ledger.dropped(rest.count, at: storage.wallClockNanoseconds, because: error)
        }
    }

    /// Makes the log survive a loss of power; an empty one has nothing to lose.
    package func synchronizeLog(withinNanoseconds patience: Int64) throws(SystemError) {
        guard offset > 0 else { return }
        try storage.synchronize(log, withinNanoseconds: patience)
    }

    /// Seals the log: no byte comes after this.
    ///
    /// Readers see it at once. It may be tried again after a failure.
    package mutating func finish(_ end: JobEnd) throws(SystemError) {
        if let gap = ledger.gapRecord {
            try index.appendLast(gap)
            ledger.recorded(gap)
        }
        try index.appendLast(
            .end(end.record(outputSize: ledger.offset, droppedBytes: ledger.droppedBytes)))
    }

    /// Makes the seal survive a loss of power.
    package func synchronizeIndex(withinNanoseconds patience: Int64) throws(SystemError) {
        try index.synchronize(withinNanoseconds: patience)
    }

    /// Notices that somebody has made the log shorter.
    ///
    /// Offsets do not change their meaning for that, so the next byte leaves a hole before it,
    /// which reads as zeros that nobody wrote. Once the head is beyond it, readers call it a gap.
    private mutating func giveUpWhatIsGone() throws(SystemError) {
        guard try storage.size(of: log) < ledger.offset else { return }
        try index.publish(head: ledger.offset)
    }

    /// While output is being dropped, asks for space before a record promises bytes.
    ///
    /// Otherwise every attempt would leave records of nothing in the index.
    private func makeSureOfSpace(for count: Int) throws(SystemError) {
        guard let gap = ledger.gap else { return }
        guard gap.reason.mayPass else { throw SystemError(number: EFBIG) }
        do throws(SystemError) {
            try storage.reserve(count, in: log, at: ledger.offset)
        } catch {
            guard error.isUnsupported else { throw error }
        }
    }

    private mutating func writeRecords(before stream: StreamTag) throws(SystemError) {
        for record in ledger.records(before: stream, at: storage.wallClockNanoseconds) {
            try index.append(record)
            ledger.recorded(record)
        }
    }
}
