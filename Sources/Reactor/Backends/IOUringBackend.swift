import CLinux
import Glibc

/// Operations as requests of an io_uring(7): the kernel carries them out itself.
///
/// Each operation is one request, whose memory belongs to the kernel until it says how it went. What
/// a turn has brought about goes in with the wait at its end, so a turn costs one system call.
/// The exception are descriptors that block because others share them: those are waited for by
/// a poll request and then used as the backend over epoll uses them, since a worker of the kernel
/// that sleeps in a terminal could take what somebody else should get.
package final class IOUringBackend: Backend {
    package let name = BackendKind.ioUring.rawValue
    package let inbox: Inbox<ReactorNews>

    private let ring: SubmissionRing
    private let bell: Doorbell
    private let acceptors: Acceptors
    private let lenders: BufferLenders
    private let workers = Workers { (kind) throws(Errno) in try Worker(for: kind) }
    /// Where the count of the bell is read to, which is of no interest.
    private let bellCount = Buffer(capacity: MemoryLayout<UInt64>.size)

    /// Operations in flight, by the index of their token.
    private var inFlight: ContiguousArray<InFlight?> = []
    /// Done, but not yet handed over.
    private var done = CompletionQueue()

    private struct InFlight {
        let operation: Operation
        let token: Token
        /// Where a connect goes, in the form of C.
        var address: Buffer?
        /// Whether the request only waits until the operation can be tried again.
        var isPolling = false
        /// Whether somebody has asked for its end: what has taken nothing yet takes nothing then.
        var isCanceled = false
    }

    /// Makes the backend; it fails where the kernel has no such ring or denies it.
    package convenience init() throws(Errno) {
        try self.init(
            entries: ReactorLimits.ringRequests, descriptors: LinuxKernel().descriptorLimit)
    }

    /// Makes the backend with room for so many requests at a time, in a process that may have so
    /// many descriptors.
    init(entries: UInt32, descriptors: Int) throws(Errno) {
        clinux_prepare_signals()
        ring = try SubmissionRing(entries: entries)
        acceptors = Acceptors(ring, descriptors: descriptors)
        lenders = BufferLenders(ring)
        let bell = try Doorbell(counts: false)
        self.bell = bell
        inbox = Inbox { bell.ring() }
        listenToBell()
    }

    deinit {
        ring.stop { completion in
            // A connection that was accepted for nobody must not stay open.
            if completion.name.isAcceptor, completion.result >= 0 { closing(completion.result) }
        }
    }

    // MARK: Beginning and ending

    package func submit(_ operation: Operation, as token: Token) {
        var entry = InFlight(operation: operation, token: token)
        switch operation {
        case .accept(let listener):
            if let answer = acceptors.ask(listener, token) { answered(answer) }
        case .writeStream:
            tryNow(entry)
        case .receiveLent(_, let loan) where !lenders.canLend(from: loan.pool):
            poll(entry)
        case .readPipe(let raw, _) where !Readiness.isNonBlocking(raw):
            tryNow(entry)
        case .connect(_, let address):
            do throws(Errno) {
                entry.address = try address.makeCAddress()
                request(entry)
            } catch {
                done.append(token, .failure(error))
            }
        default:
            request(entry)
        }
    }

    /// What is submitted costs no system call of its own.
    package func sendAtOnce(_ raw: Int32, from buffer: Buffer) -> Outcome? { nil }

    package func cancel(_ token: Token) {
        guard let entry = entry(for: token) else { return acceptors.cancel(token) }
        guard !entry.isCanceled else { return }
        inFlight[Int(token.index)]?.isCanceled = true
        // What waits for a buffer is seen to be canceled when its turn comes.
        if !lenders.isStarved(token) { ring.cancel(RequestName(token)) }
    }

    private func entry(for token: Token) -> InFlight? {
        guard Int(token.index) < inFlight.count, let entry = inFlight[Int(token.index)],
            entry.token == token
        else { return nil }
        return entry
    }

    private func remember(_ entry: InFlight) {
        let index = Int(entry.token.index)
        while inFlight.count <= index { inFlight.append(nil) }
        precondition(inFlight[index] == nil, "two operations with one token")
        inFlight[index] = entry
    }

    // MARK: Requests

    private func request(_ entry: InFlight) {
        remember(entry)
        let group: UInt16 =
            if case .receiveLent(_, let loan) = entry.operation {
                lenders.group(of: loan.pool)
            } else {
                0
            }
        let request = entry.operation.request(to: entry.address, lending: group)
        ring.add(RequestName(entry.token), request)
    }

    /// Does what can be done without waiting, and else waits until it can be tried again.
    private func tryNow(_ entry: InFlight) {
        switch entry.operation.resume() {
        case .done(let outcome):
            done.append(entry.token, outcome)
        case .wouldBlock:
            poll(entry)
        case .wouldReadDisk:
            preconditionFailure("files are read by the ring")
        }
    }

    private func poll(_ entry: InFlight) {
        var entry = entry
        entry.isPolling = true
        remember(entry)
        let operation = entry.operation
        ring.add(RequestName(entry.token), .poll(operation.descriptor, operation.direction))
    }

    // MARK: Completions

    private func take(_ completion: SubmissionRing.Completion) {
        switch completion.name {
        case .nobody: break
        case .bell: listenToBell()
        case let name where name.isAcceptor: acceptors.take(completion).map(answered)
        default: finish(completion)
        }
    }

    private func finish(_ completion: SubmissionRing.Completion) {
        let token = completion.name.token
        guard let entry = entry(for: token) else {
            preconditionFailure("the kernel completes what was not in flight")
        }
        inFlight[Int(token.index)] = nil
        if case .receiveLent(_, let loan) = entry.operation { lenders.settle(completion, loan) }
        let outcome = outcome(of: entry.operation.callName, negated: completion.result)
        let isOnlyReady = entry.isPolling || entry.operation.isPoll
        switch outcome {
        case .success where isOnlyReady && entry.isCanceled,
            .failure(.again) where entry.isCanceled, .failure(.interrupted) where entry.isCanceled:
            done.append(token, .failure(.canceled))
        case .success where entry.isPolling:
            tryNow(entry)
        case .failure(.noBuffers) where entry.operation.isLent:
            remember(entry)
            lenders.starve(token)
        case .failure(.again), .failure(.interrupted):
            // The kernel had no memory to wait with, or its thread was interrupted.
            retry(entry)
        default:
            done.append(token, entry.operation.settled(outcome))
        }
    }

    private func answered(_ answer: Acceptor.Answer) {
        done.append(answer.token, answer.outcome)
    }

    private func retry(_ entry: InFlight) {
        // A file is always ready, and a second try at once would be no better than the first.
        if case .readFile = entry.operation { request(entry) } else { poll(entry) }
    }

    /// Asks once more for a buffer to receive into.
    private func askAgain(_ token: Token) {
        guard let entry = entry(for: token) else { preconditionFailure("starves without an entry") }
        inFlight[Int(token.index)] = nil
        if entry.isCanceled { done.append(token, .failure(.canceled)) } else { request(entry) }
    }

    private func listenToBell() {
        ring.add(.bell, .readStream(bell.raw, into: bellCount))
    }

    // MARK: The wait

    package func perform(on kind: WorkerKind, _ work: @escaping @Sendable () -> Void) {
        workers.perform(on: kind, work)
    }

    package func wait(until deadline: Instant?, into completions: inout CompletionQueue)
        throws(Errno)
    {
        lenders.takeStarved().forEach(askAgain)
        acceptors.prepare(answered)
        let mayRest = done.isEmpty && !lenders.isAnybodyStarved
        try ring.blockingWait(until: mayRest ? deadline : .distantPast)
        ring.takeCompletions { take($0) }
        done.moveAll(to: &completions)
    }
}
