import Reactor
import ShimProtocol

/// One look at a log: reads the next bytes, and then what the index says about them.
///
/// In this order, because the shim writes in the other one: whatever bytes are seen, their record
/// is there. The header comes in between, because its head moves before the bytes below it and their
/// records are given up: what was read from there may be zeros, without an error. Where records
/// turn out to be damaged, it is looked at again: they may have been given up since. And they are
/// read again, once: a record may have been half written when it was read, and whole before the one
/// after it was.
///
/// A thousand followers that wake for one new line ask the same question, so they share one look.
final class LogLook {
    /// What a follower wants to know: equal questions have equal answers.
    struct Question: Equatable {
        /// Which bytes.
        let range: Range<UInt64>
        /// The place in the index, if it is known.
        let cursor: IndexCursor?
        /// Where the output ends, when nothing can be added to it.
        let sealedEnd: UInt64?
        /// How many runs the answer may have at most.
        let runsMax: Int
    }

    /// What a look has found.
    enum Result {
        /// Bytes, or the lack of them, at the offset.
        case found(FollowerEvent)
        /// Nothing, but by now there is something.
        case changed
        /// Nothing.
        case nothing
    }

    let question: Question
    /// How many changes of the log had been told when the look began.
    let changeCount: UInt64
    /// Whether what was found is all there was by then.
    private(set) var hasFoundAll = false
    /// The place in the index; moved behind what was found.
    private(set) var cursor: IndexCursor?
    /// The answer, once there is one.
    private(set) var result: Result?
    /// Whether there will be no answer, because nobody wants it any more.
    private(set) var isGivenUp = false

    private let file: LogFile
    private let reactor: Reactor
    private let buffers: FollowerBuffers
    /// Who has asked, also those who have left since; how many have not.
    private var followers: [LogFollower] = []
    private var followerCount = 0
    private var chunk: Buffer?
    /// How long the log was before its bytes were read.
    private var logSize: UInt64 = 0
    private let block: Buffer
    private var inFlight: Token?
    private var readsAtOnceLeft = LogLook.readsAtOnceMax
    private var hasScannedAgain = false

    /// So often is what the page cache has read on the spot.
    ///
    /// A follower can thereby fill a whole batch in one turn. But somebody's index may be long, and
    /// others have their turn, too.
    private static let readsAtOnceMax = 16

    /// Prepares a look.
    init(_ question: Question, at file: LogFile, reactor: Reactor, buffers: FollowerBuffers) {
        self.question = question
        self.file = file
        self.reactor = reactor
        self.buffers = buffers
        cursor = question.cursor
        changeCount = file.changeCount
        block = buffers.take(roomFor: IndexRecord.size)
    }

    /// Adds one who is told the result, in a later step of the loop, unless it leaves before.
    func join(_ follower: LogFollower) {
        followers.append(follower)
        followerCount += 1
    }

    /// One who has joined does not want the result any more.
    ///
    /// With the last of them the look ends early; its buffers go back once the read in flight has let
    /// go of them.
    func leave() {
        followerCount -= 1
        guard followerCount == 0 else { return }
        isGivenUp = true
        if let inFlight { reactor.cancel(inFlight) }
    }

    /// Begins; there may be a result at once.
    func begin() {
        do throws(Errno) {
            guard cursor == nil else { return try readBytes() }
            try findPlace()
        } catch {
            end(.found(.failed(file.failure(error))))
        }
    }

    // MARK: Steps

    private var range: Range<UInt64> { question.range }

    private var sealedEnd: UInt64? { question.sealedEnd }

    /// What is not kept any more is not searched for: a log may be given up by gigabytes.
    private func findPlace() throws(Errno) {
        // A damaged header is of no interest to one who finds no bytes.
        let kept = (try? file.kept().get()) ?? IndexReader.Kept()
        guard kept.head <= range.lowerBound || range.isEmpty else {
            if try isKept() { end(.changed) }
            return
        }
        let count = try file.indexReader.recordCount()
        let records = kept.firstRecord..<max(kept.firstRecord, count)
        try search(IndexSearch(target: range.lowerBound, records: records))
    }

    private func search(_ search: IndexSearch) throws(Errno) {
        if let position = search.result { cursor = IndexCursor(position: position) }
        guard let probe = search.probe else { return try readBytes() }
        try readRecords(from: probe, count: IndexRecord.size) { [self] _ throws(Errno) in
            var search = search
            search.take(block.takeRecord())
            block.clear()
            try self.search(search)
        }
    }

    private func readBytes() throws(Errno) {
        logSize = try file.logSize()
        let count = min(
            range.count, Int(clamping: max(logSize, range.lowerBound) - range.lowerBound))
        // No bytes, but their lack may be worth telling.
        guard count > 0 else { return try describe() }
        let chunk = buffers.take(roomFor: count)
        self.chunk = chunk
        try read(file.log.raw, at: range.lowerBound, count: count, into: chunk) {
            [self] _ throws(Errno) in if try isKept() { try describe() }
        }
    }

    /// Whether the log is still kept from where the range begins; ends the look if it is not.
    private func isKept() throws(Errno) -> Bool {
        switch try file.kept() {
        case .success(let kept) where kept.head <= range.lowerBound || range.isEmpty:
            return true
        case .success(let kept):
            endWithGap(until: min(kept.head, sealedEnd ?? kept.head), .truncated)
        case .failure(let error):
            end(.found(.failed(file.failure("its index is \(error)"))))
        }
        return false
    }

    private var describedRange: Range<UInt64> {
        range.lowerBound..<range.lowerBound + UInt64(chunk?.readableCount ?? 0)
    }

    private func describe() throws(Errno) {
        guard let cursor else { preconditionFailure("describes before it has searched") }
        try readRecords(cursor.scan(describedRange, runsMax: question.runsMax))
    }

    private func readRecords(_ scan: IndexScan) throws(Errno) {
        if scan.isComplete { return try conclude(scan) }
        try readRecords(from: scan.next, count: block.capacity) { [self] count throws(Errno) in
            var scan = scan
            while !scan.isComplete, block.readableCount >= IndexRecord.size {
                scan.take(block.takeRecord())
            }
            block.clear()
            if scan.isComplete || count < IndexRecord.size {
                try conclude(scan)
            } else {
                try readRecords(scan)
            }
        }
    }

    private func conclude(_ scan: IndexScan) throws(Errno) {
        if scan.hasMetDamage {
            guard try isKept() else { return }
            if !hasScannedAgain {
                hasScannedAgain = true
                return try describe()
            }
        }
        switch cursor?.finish(scan) {
        case .runs([]):
            try concludeWithoutBytes(offsetBeyond: scan.offsetBeyond)
        case .runs(let runs):
            let chunk = takeChunk(of: runs)
            // A record beyond may tell of bytes that are missing behind these.
            hasFoundAll =
                chunk.offset + UInt64(chunk.bytes.count) == logSize
                && scan.offsetBeyond == nil
            end(.found(.chunk(chunk)))
        case .gap(let gap):
            end(.found(.gap(gap)))
        case .untagged(let count):
            // At the end of a live index the record may be one that is just being written.
            let mayStillCome = sealedEnd == nil && count == UInt64(describedRange.count)
            if mayStillCome { return end(.nothing) }
            endWithGap(until: range.lowerBound + count, .fileDamaged)
        case nil:
            preconditionFailure("concludes before it has searched")
        }
    }

    /// There were no bytes to read; whether there should have been some, the index may know.
    private func concludeWithoutBytes(offsetBeyond: UInt64?) throws(Errno) {
        if let sealedEnd {
            guard sealedEnd > range.lowerBound else { return end(.nothing) }
            return endWithGap(until: sealedEnd, .fileDamaged)
        }
        // A record further on was written after all the bytes before it.
        guard let offsetBeyond else { return end(.nothing) }
        guard try file.logSize() <= range.lowerBound else { return end(.changed) }
        endWithGap(until: offsetBeyond, .fileDamaged)
    }

    /// As much of the bytes as the runs cover; the rest is read again by the next look.
    private func takeChunk(of runs: [LogRun]) -> LogChunk {
        guard let whole = chunk else { preconditionFailure("describes what was not read") }
        let count = runs.reduce(0) { $0 + $1.length }
        guard count < whole.readableCount else {
            chunk = nil
            return LogChunk(offset: range.lowerBound, bytes: buffers.share(whole), runs: runs)
        }
        let part = buffers.take(roomFor: count)
        whole.withReadableBytes { part.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        return LogChunk(offset: range.lowerBound, bytes: buffers.share(part), runs: runs)
    }

    // MARK: Reading and ending

    /// Reads records into the block; one that a short read has cut is read on, because only at the
    /// end of the file does a part of a record mean that there is no more of it.
    private func readRecords(
        from number: UInt64, count: Int, then: @escaping (Int) throws(Errno) -> Void
    ) throws(Errno) {
        let had = block.readableCount
        let position = IndexReader.position(ofRecord: number) + UInt64(had)
        try read(file.index.raw, at: position, count: count - had, into: block) {
            [self] more throws(Errno) in
            let isCut = block.readableCount % IndexRecord.size != 0
            guard more > 0, isCut else { return try then(block.readableCount) }
            try readRecords(from: number, count: count, then: then)
        }
    }

    private func read(
        _ raw: Int32, at offset: UInt64, count: Int, into buffer: Buffer,
        then: @escaping (Int) throws(Errno) -> Void
    ) throws(Errno) {
        if let count = try readCached(raw, at: offset, count: count, into: buffer) {
            return try then(count)
        }
        inFlight = reactor.submit(.readFile(raw, at: offset, count: count, into: buffer)) {
            [self] outcome in
            inFlight = nil
            continuing { () throws(Errno) in try then(try outcome.get()) }
        }
    }

    /// Reads what is in the page cache; nil if the rest of the look had better wait for its turn.
    private func readCached(
        _ raw: Int32, at offset: UInt64, count: Int, into buffer: Buffer
    ) throws(Errno) -> Int? {
        guard readsAtOnceLeft > 0 else { return nil }
        readsAtOnceLeft -= 1
        do throws(Errno) {
            let size = try buffer.withWritableBytes { room throws(Errno) in
                try reactor.kernel.readFileCached(
                    raw, at: offset,
                    into: UnsafeMutableRawBufferPointer(rebasing: room.prefix(count)))
            }
            buffer.commit(size)
            return size
        } catch .again {
            readsAtOnceLeft = 0
            return nil
        }
    }

    /// Takes the next step, unless the look was given up meanwhile.
    private func continuing(_ step: () throws(Errno) -> Void) {
        guard !isGivenUp else { return end(.nothing) }
        do throws(Errno) {
            try step()
        } catch {
            end(.found(.failed(file.failure(error))))
        }
    }

    private func endWithGap(until offset: UInt64, _ reason: LogGap.Reason) {
        let length = offset - range.lowerBound
        end(.found(.gap(LogGap(offset: range.lowerBound, length: length, reason: reason))))
    }

    private func end(_ result: Result) {
        if let chunk { buffers.giveBack(chunk) }
        chunk = nil
        buffers.giveBack(block)
        self.result = result
        let followers = followers
        self.followers = []
        for follower in followers { follower.lookIsOver(self, result) }
    }
}

extension Buffer {
    /// Takes the record at the front; nil when it is damaged, or not whole.
    fileprivate func takeRecord() -> IndexRecord? {
        guard readableCount >= IndexRecord.size else { return nil }
        let bytes = withReadableBytes { Array($0[..<IndexRecord.size]) }
        consume(IndexRecord.size)
        return IndexRecord(decoding: bytes)
    }
}
