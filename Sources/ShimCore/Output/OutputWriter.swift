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
    private var budget: LogBudget?
    /// The place below which log and index are being given up, until both are.
    private var givingUp: LogBudget.Place?
    private var mayPunch = false
    private var hasReachedLimit = false

    package init(
        storage: any ShimStorage, log: Int32, index: IndexFile,
        limit: ShimPlan.LogLimit? = nil
    ) {
        self.storage = storage
        self.log = log
        self.index = index
        budget = limit.map(LogBudget.init)
    }

    /// Whether the output has reached a limit that is also the job's.
    package var endsJob: Bool { hasReachedLimit && budget?.action == .stopJob }

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
            while !rest.isEmpty {
                let count = try prepare(for: rest.count, from: stream)
                guard count > 0 else { return dropBeyondLimit(rest.count) }
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
                let written = try write(part)
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        } catch {
            ledger.dropped(
                rest.count, at: storage.wallClockNanoseconds, because: GapReason(error))
        }
    }

    /// Returns how many of the bytes were written; the rest has not failed yet.
    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        storage.reached(.outputRecorded)
        let count = try storage.write(bytes, to: log, at: ledger.offset)
        // A file that takes nothing and does not say why would hold the job for ever.
        guard count > 0 else { throw SystemError(number: EIO) }
        ledger.wrote(count)
        if count == bytes.count { storage.reached(.outputWritten) }
        return count
    }

    /// Keeps log and index within so many bytes, or within what was planned if that is nil.
    ///
    /// What must go goes at once: a job that is quiet writes nothing that would make room. Where
    /// that fails, the next output tries it again.
    package mutating func bound(to bytes: UInt64?) {
        let place = place
        guard budget?.bound(to: bytes, at: place) == true else { return }
        ledger.endRun()
        _ = try? makeRoom(for: 0, records: 0)
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
        try index.makeHeaderWhole()
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
        budget?.lostAll(before: ledger.offset)
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

    /// Gets log and index ready for bytes from `stream`.
    ///
    /// - Returns: how many of `count` bytes may be written now; 0 if no more ever may.
    private mutating func prepare(
        for count: Int, from stream: StreamTag
    ) throws(SystemError) -> Int {
        let place = place
        let isNewPiece = budget?.beginsPiece(at: place) ?? false
        if isNewPiece { ledger.endRun() }
        let records = ledger.records(before: stream, at: storage.wallClockNanoseconds)
        let share = budget?.share(of: count, at: place, records: records.count) ?? count
        guard share > 0 else { return 0 }
        try makeSureOfSpace(for: share)
        if isNewPiece { budget?.begin(at: place) }
        guard try makeRoom(for: share, records: records.count) else {
            return try prepare(for: count, from: stream)
        }
        for record in records {
            try index.append(record)
            ledger.recorded(record)
        }
        return share
    }

    /// Where log and index end.
    private var place: LogBudget.Place {
        LogBudget.Place(offset: ledger.offset, record: index.nextRecord)
    }

    /// Gives up as much of the oldest output as it takes.
    ///
    /// The header comes first: readers look at it after they have read.
    ///
    /// - Returns: false if this file system gives nothing back; then the newest output is dropped.
    private mutating func makeRoom(for count: Int, records: Int) throws(SystemError) -> Bool {
        let place = place
        givingUp = budget?.makeRoom(for: count, at: place, records: records) ?? givingUp
        guard let end = givingUp else { return true }
        guard try findWhetherMayPunch() else {
            budget?.dropFromNowOn()
            givingUp = nil
            return false
        }
        try index.publish(head: end.offset, firstRecord: end.record)
        try storage.punch(0..<end.offset, of: log)
        try index.punch()
        givingUp = nil
        budget?.gaveUp()
        return true
    }

    /// Tries it beyond the end of the log, where there is nothing to lose.
    private mutating func findWhetherMayPunch() throws(SystemError) -> Bool {
        guard !mayPunch else { return true }
        do throws(SystemError) {
            try storage.punch(ledger.offset..<ledger.offset + 1, of: log)
            mayPunch = true
        } catch {
            guard error.isUnsupported else { throw error }
        }
        return mayPunch
    }

    /// Drops what no limit has room for, and says so at once: nothing may come that ends the gap.
    private mutating func dropBeyondLimit(_ count: Int) {
        ledger.dropped(count, at: storage.wallClockNanoseconds, because: .logLimit)
        guard !hasReachedLimit, let gap = ledger.gapRecord else { return }
        hasReachedLimit = true
        guard (try? index.append(gap)) != nil else { return }
        ledger.recorded(gap)
    }
}
