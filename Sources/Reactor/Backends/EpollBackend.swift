import CLinux
import Glibc

/// Operations over readiness: tried at once, and where the kernel says EAGAIN, tried again when epoll
/// says that the descriptor is ready.
///
/// Nearly every wait arms the descriptor for one event (EPOLLONESHOT). That costs a system call and
/// buys that nothing here has to be told when a descriptor is closed: the kernel's own table is the
/// only truth. Each arming has a number that comes back with the event; an event of an earlier arming,
/// perhaps of another file that had the same descriptor, is dropped.
///
/// A stream that is received from again and again stays armed, until it ends or its receive is
/// canceled: it is known by its loan, which no other file with the same descriptor shares.
package final class EpollBackend: Backend {
    package let name = BackendKind.epoll.rawValue
    package let inbox: Inbox<ReactorNews>

    private let epoll: EpollSet
    private let bell: Doorbell
    private let diskReads: Inbox<DiskRead>
    private let workers: Workers

    /// Operations that wait, by the index of their token.
    private var waiting: ContiguousArray<Waiting?> = []
    /// What waits at a descriptor, by its number, which the kernel keeps small.
    private var interests: ContiguousArray<Interest> = []
    /// Done, but not yet handed over.
    private var done = CompletionQueue()

    private struct Waiting {
        let operation: Operation
        let token: Token
        /// A worker's read cannot be called back: its buffer and descriptor are in use until it ends.
        var isCanceled = false
    }

    private struct Interest {
        var readers = WaitingTokens()
        var writers = WaitingTokens()
        var arming: UInt32 = 0
        /// Whose stream stays armed for reading; nil if the descriptor is armed for one event at most.
        var armedFor: BufferLoan?
    }

    /// A read that a worker has done, into bytes of its own: the buffer stays on this thread.
    private struct DiskRead {
        let token: Token
        let bytes: Result<[UInt8], Errno>
    }

    /// Makes the backend; it fails only when the process is out of descriptors.
    package convenience init() throws(Errno) {
        try self.init { (kind) throws(Errno) in try Worker(for: kind) }
    }

    /// Makes the backend with another source of threads.
    init(makeWorker: @escaping (WorkerKind) throws(Errno) -> Worker) throws(Errno) {
        workers = Workers(makeWorker: makeWorker)
        clinux_prepare_signals()
        let bell = try Doorbell(counts: false)
        epoll = try EpollSet(bell: bell.raw)
        self.bell = bell
        inbox = Inbox { bell.ring() }
        diskReads = Inbox { bell.ring() }
    }

    // MARK: Beginning and ending

    package func submit(_ operation: Operation, as token: Token) {
        switch operation.begin() {
        case .done(let outcome): done.append(token, outcome)
        case .wouldBlock: park(Waiting(operation: operation, token: token))
        case .wouldReadDisk: readDisk(Waiting(operation: operation, token: token))
        }
    }

    package func sendAtOnce(_ raw: Int32, from buffer: Buffer) -> Outcome? {
        let attempt = Operation.send(raw, from: buffer).begin()
        return if case .done(let outcome) = attempt { outcome } else { nil }
    }

    package func cancel(_ token: Token) {
        guard let entry = entry(for: token) else { return }
        if case .readFile = entry.operation {
            waiting[Int(token.index)]?.isCanceled = true
        } else {
            // The descriptor stays armed: one event nobody waits for costs less than a system call.
            updateWaiters(of: entry.operation) { $0.remove(token) }
            finish(token, .failure(.canceled))
            forgetStream(entry.operation)
        }
    }

    private func entry(for token: Token) -> Waiting? {
        guard Int(token.index) < waiting.count, let entry = waiting[Int(token.index)],
            entry.token == token
        else { return nil }
        return entry
    }

    private func remember(_ entry: Waiting) {
        let index = Int(entry.token.index)
        while waiting.count <= index { waiting.append(nil) }
        precondition(waiting[index] == nil, "two operations with one token")
        waiting[index] = entry
    }

    private func finish(_ token: Token, _ outcome: Outcome) {
        waiting[Int(token.index)] = nil
        done.append(token, outcome)
    }

    // MARK: Readiness

    private func park(_ entry: Waiting) {
        remember(entry)
        updateWaiters(of: entry.operation) { $0.append(entry.token) }
        let descriptor = entry.operation.descriptor
        guard let loan = entry.operation.loan else { return arm(descriptor) }
        if interests[Int(descriptor)].armedFor !== loan { arm(descriptor, stayingFor: loan) }
    }

    private func updateWaiters(of operation: Operation, _ change: (inout WaitingTokens) -> Void) {
        let descriptor = Int(operation.descriptor)
        while interests.count <= descriptor { interests.append(Interest()) }
        switch operation.direction {
        case .read: change(&interests[descriptor].readers)
        case .write: change(&interests[descriptor].writers)
        }
    }

    /// Asks for one event of everything that is waited for at a descriptor, or for all of a stream
    /// that nobody waits to write to.
    private func arm(_ descriptor: Int32, stayingFor loan: BufferLoan? = nil) {
        let index = Int(descriptor)
        interests[index].arming &+= 1
        interests[index].armedFor = interests[index].writers.isEmpty ? loan : nil
        let interest = interests[index]
        do throws(Errno) {
            try epoll.arm(
                descriptor, arming: interest.arming, forReading: !interest.readers.isEmpty,
                forWriting: !interest.writers.isEmpty, once: interest.armedFor == nil)
        } catch {
            // EPERM: regular files and some devices are always ready, epoll_ctl(2). Whatever else
            // it is, nothing will ever tell of readiness: what cannot be done now has failed.
            interests[index].armedFor = nil
            resume(descriptor, canRead: true, canWrite: true, orFail: error)
        }
    }

    private func handle(_ event: EpollSet.Event) {
        switch event {
        case .bell:
            bell.silence()
        case .ready(let descriptor, let arming, let canRead, let canWrite):
            guard interests[Int(descriptor)].arming == arming else { return }
            let isHeard = !interests[Int(descriptor)].readers.isEmpty
            resume(descriptor, canRead: canRead, canWrite: canWrite, orFail: nil)
            let interest = interests[Int(descriptor)]
            if interest.armedFor == nil {
                if !interest.readers.isEmpty || !interest.writers.isEmpty { arm(descriptor) }
            } else if !isHeard {
                // What stays armed for nobody would be told of again and again.
                disarm(descriptor)
            }
        }
    }

    private func resume(_ descriptor: Int32, canRead: Bool, canWrite: Bool, orFail error: Errno?) {
        if canRead {
            let tokens = interests[Int(descriptor)].readers
            interests[Int(descriptor)].readers = tokens.without { resume($0, orFail: error) }
        }
        if canWrite {
            let tokens = interests[Int(descriptor)].writers
            interests[Int(descriptor)].writers = tokens.without { resume($0, orFail: error) }
        }
    }

    /// Tries an operation again; answers whether it is done.
    private func resume(_ token: Token, orFail error: Errno?) -> Bool {
        guard let entry = entry(for: token) else { preconditionFailure("waits without an entry") }
        switch entry.operation.resume() {
        case .done(let outcome):
            finish(token, outcome)
            if (try? outcome.get()) ?? 0 == 0 { forgetStream(entry.operation) }
        case .wouldBlock, .wouldReadDisk:
            guard let error else { return false }
            finish(token, .failure(error))
        }
        return true
    }

    /// Disarms a stream that has ended, or whose receive was canceled.
    ///
    /// It will soon be closed; until then its number is its own.
    private func forgetStream(_ operation: Operation) {
        guard operation.loan != nil, interests[Int(operation.descriptor)].armedFor != nil else {
            return
        }
        disarm(operation.descriptor)
    }

    private func disarm(_ descriptor: Int32) {
        interests[Int(descriptor)].armedFor = nil
        epoll.disarm(descriptor)
    }

    // MARK: The disk

    private func readDisk(_ entry: Waiting) {
        guard case .readFile(let descriptor, let offset, let count, _) = entry.operation else {
            preconditionFailure("only files are on a disk")
        }
        remember(entry)
        let (token, diskReads) = (entry.token, diskReads)
        perform(on: .files) {
            let bytes = readWaiting(descriptor, at: offset, count)
            diskReads.post(DiskRead(token: token, bytes: bytes))
        }
    }

    private func finish(_ read: DiskRead) {
        guard let entry = entry(for: read.token),
            case .readFile(_, _, _, let buffer) = entry.operation
        else { preconditionFailure("a worker has read for nobody") }
        if entry.isCanceled { return finish(read.token, .failure(.canceled)) }
        finish(
            read.token,
            read.bytes.map { bytes in
                buffer.append(bytes)
                return bytes.count
            })
    }

    package func perform(on kind: WorkerKind, _ work: @escaping @Sendable () -> Void) {
        workers.perform(on: kind, work)
    }

    // MARK: The wait

    package func wait(until deadline: Instant?, into completions: inout CompletionQueue)
        throws(Errno)
    {
        let count = try epoll.blockingWait(until: done.isEmpty ? deadline : .distantPast)
        for index in 0..<count { handle(epoll.event(at: index)) }
        for read in diskReads.takeAll() { finish(read) }
        done.moveAll(to: &completions)
    }
}

/// Reads on a worker, which may wait for the disk.
private func readWaiting(_ raw: Int32, at offset: UInt64, _ count: Int) -> Result<[UInt8], Errno> {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = outcome(of: "pread") {
        unsafe bytes.withUnsafeMutableBytes {
            unsafe pread(raw, $0.baseAddress, $0.count, off_t(offset))
        }
    }
    return filled.map { got in Array(bytes.prefix(got)) }
}
