import DequeModule

/// The loop: operations, timers and work on other threads, and one handler at a time.
///
/// One turn: wait until something has happened or a timer is due, run the handlers of what
/// has completed, then the news of other threads and what was put off, then the timers, then
/// whatever asked for the end of the turn. What takes long is cut short, and the loop looks what else
/// has happened before it goes on with the turn. Handlers never wait and are never called from inside
/// ``submit(_:_:)``, so a handler finds everything as the one before has left it.
package final class Reactor {
    /// What never waits.
    package let kernel: any Kernel

    private let backend: any Backend
    private var handlers = SlotTable<(Outcome) -> Void>()
    private var works = SlotTable<() -> Void>()
    private var timers = TimerQueue()
    private var completions = CompletionQueue()
    private var steps: Deque<() -> Void> = []
    private var endOfTurn: Deque<() -> Void> = []
    private var stage = Stage.completions
    private var turnStart: Instant?
    private var isStopped = false
    private var isDismantled = false

    /// What comes next in a turn.
    private enum Stage {
        case completions, steps, end
    }

    /// Makes a loop over a backend and the kernel that belongs to it.
    package init(backend: any Backend, kernel: any Kernel) {
        self.backend = backend
        self.kernel = kernel
    }

    /// The time at which this turn began to run handlers, or went on to; else the time.
    package var now: Instant { turnStart ?? kernel.monotonicNow }

    /// Whether nothing is in flight and no timer waits.
    package var isIdle: Bool {
        handlers.isEmpty && works.isEmpty && timers.isEmpty && steps.isEmpty && endOfTurn.isEmpty
            && backend.inbox.isEmpty
    }

    /// What the loop waits with, as users call it.
    package var backendName: String { backend.name }

    /// The door for other threads.
    package var inbox: Inbox<ReactorNews> { backend.inbox }

    // MARK: Operations

    /// Begins an operation; `completion` is called exactly once, in a later step of the loop.
    @discardableResult
    package func submit(
        _ operation: Operation, _ completion: @escaping (Outcome) -> Void
    ) -> Token {
        operation.checkBuffer()
        let token = handlers.insert(completion)
        backend.submit(operation, as: token)
        return token
    }

    /// Sends what a socket takes at once, where that is no dearer than to submit the send; the caller
    /// then has its buffer back.
    ///
    /// - Returns: The outcome; nil where it must be submitted, and then nothing has been sent.
    package func sendAtOnce(_ raw: Int32, from buffer: Buffer) -> Outcome? {
        Operation.send(raw, from: buffer).checkBuffer()
        return backend.sendAtOnce(raw, from: buffer)
    }

    /// Ends an operation early.
    ///
    /// Its completion still comes: with ``Errno/canceled``, or with the outcome if it was done
    /// already. A token whose completion has run is ignored.
    package func cancel(_ token: Token) {
        guard handlers.contains(token) else { return }
        backend.cancel(token)
    }

    // MARK: Timers and turns

    /// Runs `action` once, that long after ``now``.
    @discardableResult
    package func schedule(after delay: Duration, _ action: @escaping () -> Void) -> TimerID {
        timers.insert(at: now + delay, action)
    }

    /// Forgets a timer; one that has run is ignored.
    package func cancel(_ timer: TimerID) {
        timers.cancel(timer)
    }

    /// Runs `step` once, in a later step of the loop, behind those that were put off before: for one
    /// who has much to do at a time and may do it bit by bit.
    package func putOff(_ step: @escaping () -> Void) {
        steps.append(step)
    }

    /// Runs `action` once, after the handlers and timers of this turn: the place to flush.
    ///
    /// From inside such an action it means the next turn, which then does not sleep. Where there are
    /// many, the last ones run at the end of a later turn, in the same order.
    package func atEndOfTurn(_ action: @escaping () -> Void) {
        endOfTurn.append(action)
    }

    // MARK: Other threads

    /// Runs `work` on another thread and `then` with its value on this one.
    package func perform<Value: Sendable>(
        on kind: WorkerKind, _ work: @escaping @Sendable () -> Value,
        then: @escaping (Value) -> Void
    ) {
        let result = WorkResult<Value>()
        let token = works.insert { then(result.take()) }
        let inbox = backend.inbox
        backend.perform(on: kind) {
            result.put(work())
            inbox.post { reactor in reactor.finishWork(token) }
        }
    }

    private func finishWork(_ token: Token) {
        guard let then = works.remove(token) else { preconditionFailure("work finished twice") }
        then()
    }

    /// Forgets whatever is in flight; nothing of it completes any more.
    ///
    /// What waits keeps its owner alive, and the owner its loop, so a program that is thrown away
    /// in the middle, as tests do, ends the circle here. The loop turns no more.
    package func dismantle() {
        isDismantled = true
        // Kept until the tables are consistent again: what goes may cancel something as it goes.
        let gone = (handlers, works, timers, steps, endOfTurn)
        handlers = SlotTable()
        works = SlotTable()
        timers = TimerQueue()
        steps = []
        endOfTurn = []
        withExtendedLifetime(gone) {}
    }

    // MARK: The loop

    /// Turns until ``stop()``.
    package func run() throws(Errno) {
        while !isStopped || isWithinTurn { try turn() }
        isStopped = false
    }

    /// Lets ``run()`` return after this turn, with what the turn has left to the next undone; before
    /// `run` it lets it return at once.
    package func stop() {
        isStopped = true
    }

    /// When the loop must look again even if nothing happens.
    package func nextDeadline() -> Instant? {
        let mustNotSleep =
            isWithinTurn || !completions.isEmpty || !steps.isEmpty || !endOfTurn.isEmpty
        return mustNotSleep ? now : timers.nextDeadline()
    }

    /// Waits for something to do and does it, once round; if that takes long, the next call goes on
    /// with the turn, and does not sleep.
    package func turn() throws(Errno) {
        precondition(turnStart == nil, "a handler turns the loop that runs it")
        // The tables began anew: what is late for the old ones would reach strangers.
        precondition(!isDismantled, "a loop that was dismantled is turned")
        // Each of them may hold a buffer: there are no more than can be dealt with soon.
        if completions.count < ReactorLimits.completionsPerTurn {
            try backend.wait(until: nextDeadline(), into: &completions)
        }
        turnStart = kernel.monotonicNow
        takeNews()
        var tookLong = false
        repeat { tookLong = runStage() } while isWithinTurn && !tookLong
        turnStart = nil
    }

    /// The bell is silent after each wait: nobody rings again for what is not taken here.
    private func takeNews() {
        for news in backend.inbox.takeAll() { steps.append { [unowned self] in news(self) } }
    }

    private var isWithinTurn: Bool { stage != .completions }

    private var isLate: Bool { kernel.monotonicNow - now > ReactorLimits.turnPatience }

    /// Answers whether the turn has taken long by now.
    private func runStage() -> Bool {
        switch stage {
        case .completions:
            stage = .steps
            return runCompletions()
        case .steps:
            stage = .end
            return runSteps()
        case .end:
            stage = .completions
            runTimers()
            runEndOfTurn()
            return false
        }
    }

    private func runCompletions() -> Bool {
        for _ in 0..<ReactorLimits.completionsPerTurn {
            guard let completion = completions.popFirst() else { return false }
            // Nothing to call: news for a former use of the slot.
            handlers.remove(completion.token)?(completion.outcome)
            if isLate { return true }
        }
        return false
    }

    /// At least one, and none that another one has put off.
    private func runSteps() -> Bool {
        for _ in 0..<steps.count {
            guard let step = steps.popFirst() else { return false }
            step()
            if isLate { return true }
        }
        return false
    }

    private func runTimers() {
        let sequence = timers.nextSequence
        while let action = timers.popDue(at: now, before: sequence) { action() }
    }

    /// At least one, and none that another one has asked for.
    private func runEndOfTurn() {
        guard !endOfTurn.isEmpty else { return }
        let patienceEnd = kernel.monotonicNow + ReactorLimits.endOfTurnPatience
        for _ in 0..<endOfTurn.count {
            guard let action = endOfTurn.popFirst() else { return }
            action()
            if kernel.monotonicNow > patienceEnd { return }
        }
    }
}

extension Operation {
    /// Without room, nothing received would look like the end of the stream; without bytes, nothing
    /// sent like success.
    fileprivate func checkBuffer() {
        switch self {
        case .receive(_, let buffer), .readPipe(_, let buffer):
            precondition(buffer.writableCount > 0, "reads into a full buffer")
        case .readFile(_, _, let count, let buffer):
            precondition(count > 0 && count <= buffer.writableCount, "reads more than fits")
        case .send(_, let buffer), .writeStream(_, let buffer):
            precondition(buffer.readableCount > 0, "writes nothing")
        case .receiveLent(_, let loan):
            precondition(loan.isVacant, "receives what nobody can take")
        case .accept, .connect, .awaitReadable:
            break
        }
    }
}
