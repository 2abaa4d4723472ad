import Reactor

/// Operations on a simulated machine.
///
/// What is submitted is not tried before the loop waits, as a kernel with completions may well do; the
/// fault plan then decides on order and delay. Work for other threads is done one by one between the turns.
final class SimulatedBackend: Backend {
    let name = "simulated"
    let inbox = Inbox<ReactorNews> {}

    private let kernel: SimulatedKernel
    private var waiting: [Waiting] = []
    private var done = CompletionQueue()
    private var work: [WorkerKind: [@Sendable () -> Void]] = [:]

    /// How much has happened so far: it stands still when the loop has nothing to do.
    private(set) var activity = 0

    private struct Waiting {
        let operation: Operation
        let token: Token
        /// It takes so long at least.
        let notBefore: Instant
    }

    init(kernel: SimulatedKernel) {
        self.kernel = kernel
    }

    func submit(_ operation: Operation, as token: Token) {
        let notBefore = kernel.with { $0.drawSlowness(of: operation) }
        waiting.append(Waiting(operation: operation, token: token, notBefore: notBefore))
    }

    /// As often as not everything has to be submitted, as with io_uring it always has.
    func sendAtOnce(_ raw: Int32, from buffer: Buffer) -> Outcome? {
        guard !kernel.hasEnded, kernel.with({ $0.random.happens(0.5) }) else { return nil }
        let outcome = outcome(of: .send(raw, from: buffer))
        guard outcome != .failure(.again) else { return nil }
        activity += 1
        return outcome
    }

    func cancel(_ token: Token) {
        guard let index = waiting.firstIndex(where: { $0.token == token }) else { return }
        waiting.remove(at: index)
        done.append(token, .failure(.canceled))
    }

    func perform(on kind: WorkerKind, _ work: @escaping @Sendable () -> Void) {
        self.work[kind, default: []].append(work)
    }

    // MARK: The wait

    func wait(until deadline: Instant?, into completions: inout CompletionQueue) throws(Errno) {
        while !collect(into: &completions) {
            guard try letTimePass(until: deadline) else { return }
        }
    }

    /// Does everything that can be done now; answers whether there was anything.
    private func collect(into completions: inout CompletionQueue) -> Bool {
        let before = activity
        runEvents()
        runWork()
        // Events may have killed the process, and so may a call of its own on another thread.
        if !kernel.hasEnded { tryOperations() }
        activity += done.count
        done.moveAll(to: &completions)
        if !inbox.isEmpty { activity += 1 }
        return activity > before
    }

    private func runEvents() {
        while let event = kernel.with({ $0.events.popDue(at: $0.now) }) {
            event()
            activity += 1
        }
    }

    private func runWork() {
        for kind in WorkerKind.allCases {
            // Of threads that share the work any may be done first.
            let begun = min(kind.threadCount, work[kind]?.count ?? 0)
            guard begun > 0 else { continue }
            let index = begun > 1 ? kernel.with { Int.random(in: 0..<begun, using: &$0.random) } : 0
            work[kind]?.remove(at: index)()
        }
    }

    /// What is delayed has its turn after all when there is nothing else to do.
    private func tryOperations() {
        let tokens = tokensInTurn()
        let delayed = tokens.filter { _ in kernel.with { $0.random.happens($0.faults.delays) } }
        for token in tokens where !delayed.contains(token) { tryOperation(token) }
        guard done.isEmpty else { return }
        for token in delayed { tryOperation(token) }
    }

    private func tokensInTurn() -> [Token] {
        let now = kernel.monotonicNow
        let tokens = waiting.filter { $0.notBefore <= now }.map(\.token)
        return kernel.with { $0.faults.shuffles ? tokens.shuffled(using: &$0.random) : tokens }
    }

    private func tryOperation(_ token: Token) {
        guard let index = waiting.firstIndex(where: { $0.token == token }) else { return }
        let outcome = outcome(of: waiting[index].operation)
        guard outcome != .failure(.again) else { return }
        waiting.remove(at: index)
        done.append(token, outcome)
    }

    /// Moves the clock up to the deadline or the next event; answers whether to look again.
    private func letTimePass(until deadline: Instant?) throws(Errno) -> Bool {
        try kernel.with { (state) throws(Errno) in
            if state.isTimeHeld { return false }
            let next = state.events.nextTime
            guard let wake = [deadline, next].compactMap({ $0 }).min() else { throw .deadlock }
            state.now = max(state.now, wake)
            return wake == next
        }
    }

    // MARK: Operations

    private func outcome(of operation: Operation) -> Outcome {
        do throws(Errno) {
            return .success(try complete(operation))
        } catch {
            return .failure(error)
        }
    }

    private func complete(_ operation: Operation) throws(Errno) -> Int {
        switch operation {
        case .accept(let listener):
            return Int(try kernel.with { (state) throws(Errno) in try state.accept(listener) })
        case .connect(let raw, let address):
            try kernel.with { (state) throws(Errno) in try state.connect(raw, to: address) }
            return 0
        case .receive(let raw, let buffer), .readPipe(let raw, let buffer):
            let limit = buffer.writableCount
            return buffer.take(
                try kernel.with { (state) throws(Errno) in
                    try state.receive(raw, atMost: limit)
                })
        case .receiveLent(let raw, let loan):
            let limit = loan.pool.bufferCapacity
            let bytes = try kernel.with { (state) throws(Errno) in
                try state.receive(raw, atMost: limit)
            }
            guard !bytes.isEmpty else { return 0 }
            let buffer = loan.pool.take()
            defer { loan.lend(buffer) }
            return buffer.take(bytes)
        case .readFile(let raw, let offset, let count, let buffer):
            return buffer.take(
                try kernel.with { (state) throws(Errno) in
                    if state.random.happens(state.faults.operationErrors) { throw .inputOutput }
                    return try state.read(try state.inode(raw), at: offset, count)
                })
        case .send(let raw, let buffer), .writeStream(let raw, let buffer):
            let bytes = buffer.bytes
            let count = try kernel.with { (state) throws(Errno) in
                try state.send(bytes, to: raw)
            }
            buffer.consume(count)
            return count
        case .awaitReadable(let raw):
            guard kernel.with({ $0.isReadable(raw) }) else { throw .again }
            return 0
        }
    }
}

extension Buffer {
    fileprivate func take(_ bytes: [UInt8]) -> Int {
        append(bytes)
        return bytes.count
    }
}
