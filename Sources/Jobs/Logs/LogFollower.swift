import Reactor

/// Reads the output of one job from a start point to its end, for one reader, as fast as that asks.
///
/// Ask with ``next()``. Where it says `.notYet`, ``onNews`` is called once it is worth asking again.
/// Nothing is read ahead: a reader that stops asking costs one buffer at most.
package final class LogFollower {
    /// Called on the loop when asking again is worth it, after a ``next()`` that said `.notYet`.
    package var onNews: (() -> Void)?

    private let job: Job
    private let reactor: Reactor
    private let limits: JobLimits
    private let buffers: FollowerBuffers
    private let logs: OpenLogs

    private var machine: StateMachine
    /// The open log; nil before the first look, while the job has none, and after closing.
    private var file: LogFile?
    /// The absolute offset of the next byte to deliver.
    private var offset: UInt64
    /// Where to end at the latest, once that is known.
    private var end: UInt64?
    /// The place in the index; nil before it was searched, and after a jump.
    private var cursor: IndexCursor?
    private var look: LogLook?
    /// After how many told changes of the log there was nothing more than is delivered.
    private var changeCountAtEnd: UInt64?
    private var found: FollowerEvent?
    /// How many bytes to read at once: less than a chunk where chunks have to be cut anyway.
    private var readCount: Int

    /// Makes a follower.
    ///
    /// - Parameters:
    ///   - job: Whose output.
    ///   - offset: The first byte to deliver.
    ///   - end: Where to end, if the output is not to be followed beyond what it is now.
    ///   - logs: Where to find its log.
    ///   - reactor: What carries out the reads.
    ///   - limits: Sizes.
    ///   - buffers: What to read into.
    init(
        job: Job, offset: UInt64, end: UInt64?, logs: OpenLogs, reactor: Reactor,
        limits: JobLimits, buffers: FollowerBuffers
    ) {
        self.job = job
        self.offset = offset
        self.end = end
        self.reactor = reactor
        self.limits = limits
        self.buffers = buffers
        self.logs = logs
        readCount = limits.chunkBytes
        machine = StateMachine(isSealed: end != nil)
    }

    // MARK: The reader's side

    /// The next piece of output, or that there is none yet, or that there will be none.
    package func next() -> FollowerEvent {
        noteWhetherEnded()
        while true {
            switch machine.pulled() {
            case .look(let sealed):
                guard case .announce = lookAround(.look(sealed: sealed)) else { return .notYet }
            case .wait:
                return .notYet
            case .deliver:
                guard let event = found else { preconditionFailure("nothing was found") }
                found = nil
                return event
            case .finish:
                return .end(job)
            }
        }
    }

    /// Ends the following: no more news, and nothing stays open on its account.
    package func close() {
        guard !machine.isClosed else { return }
        machine.close()
        onNews = nil
        look?.leave()
        look = nil
        found = nil
        logs.remove(self, from: job.id)
        file = nil
    }

    // MARK: The log's side

    /// The log may have changed, or has come to be.
    func logChanged() {
        perform(machine.logChanged())
    }

    /// Nothing can change any more: the job has ended.
    func logSealed() {
        guard !machine.isSealed else { return }
        end = max(offset, job.outputSize)
        perform(machine.logSealed())
    }

    /// A follower is known to its log from its first look on that found it there; the job may have
    /// ended before, or even have started and ended since.
    private func noteWhetherEnded() {
        if job.hasEnded { logSealed() }
    }

    // MARK: Looking

    private func perform(_ action: StateMachine.Action) {
        if lookAround(action) == .announce { onNews?() }
    }

    /// Looks for as long as that is what is to be done and answers come at once; what else is to be
    /// done then.
    private func lookAround(_ action: StateMachine.Action) -> StateMachine.Action {
        var action = action
        for _ in 0..<Self.looksAtOnceMax {
            guard case .look(let sealed) = action else { return action }
            guard let result = look(sealed: sealed) else { return .nothing }
            action = take(result)
        }
        if case .look = action { lookLater(action) }
        return .nothing
    }

    /// A file system may tell of bytes and have none, for as long as it likes.
    private static let looksAtOnceMax = 4

    private func lookLater(_ action: StateMachine.Action) {
        reactor.atEndOfTurn { [weak self] in
            guard let self, machine.isLooking else { return }
            perform(action)
        }
    }

    /// The result of a look, or nil if it will be told.
    private func look(sealed: Bool) -> LogLook.Result? {
        do throws(JobError) {
            // Its changes are watched from here on, before the first read.
            if file == nil { file = try logs.add(self, to: job) }
        } catch {
            return .found(.failed(error))
        }
        guard let file else { return .nothing }
        // Whoever writes now wakes us. To look at once would find a line or two, at the cost of a
        // whole look and a message, and while thousands are told there are always new ones.
        if !sealed, changeCountAtEnd == file.changeCount { return .nothing }
        let question = LogLook.Question(
            range: nextRange, cursor: cursor, sealedEnd: sealed ? end : nil,
            runsMax: limits.runsPerChunk)
        let look =
            file.look(for: question, sharersMax: limits.sharersPerLook)
            ?? beginLook(question, at: file)
        guard let result = look.result else {
            self.look = look
            look.join(self)
            return nil
        }
        note(look)
        return result
    }

    private func note(_ look: LogLook) {
        cursor = look.cursor
        changeCountAtEnd = look.hasFoundAll ? look.changeCount : nil
    }

    private func beginLook(_ question: LogLook.Question, at file: LogFile) -> LogLook {
        let look = LogLook(question, at: file, reactor: reactor, buffers: buffers)
        file.lookBegins(look, in: reactor)
        look.begin()
        return look
    }

    /// What to read next.
    ///
    /// A whole chunk ends at a page, so that the following ones begin at one:
    /// copies between addresses that differ in their page offset by a few bytes are slow.
    private var nextRange: Range<UInt64> {
        let pageSize: UInt64 = 4096
        let misalignment = readCount == limits.chunkBytes ? offset % pageSize : 0
        let count = UInt64(readCount) - misalignment
        return offset..<max(offset, min(offset + count, end ?? .max))
    }

    /// A look that this follower has joined is over; it may have left it since.
    func lookIsOver(_ look: LogLook, _ result: LogLook.Result) {
        guard self.look === look else { return }
        self.look = nil
        note(look)
        perform(take(result))
    }

    private func take(_ result: LogLook.Result) -> StateMachine.Action {
        noteWhetherEnded()
        switch result {
        case .found(let event):
            advance(past: event)
            found = event
            return machine.looked(foundSomething: true)
        case .changed:
            _ = machine.logChanged()
            return machine.looked(foundSomething: false)
        case .nothing:
            return machine.looked(foundSomething: false)
        }
    }

    private func advance(past event: FollowerEvent) {
        switch event {
        case .chunk(let chunk):
            let count = chunk.bytes.count
            offset += UInt64(count)
            let wasCut = chunk.runs.count == limits.runsPerChunk
            let aim = wasCut ? count * 2 : readCount * 2
            readCount = min(max(aim, limits.smallBufferBytes), limits.chunkBytes)
        case .gap(let gap):
            offset += gap.length
            // Behind a jump the place in the index is far away.
            if gap.length > 0 { cursor = nil }
        case .notYet, .end, .failed:
            break
        }
    }
}
