import Logging
import Reactor
import ShimProtocol

@testable import Jobs

/// A machine that has one job's log and index, an inotify and a clock, and on which nothing happens
/// by itself: each operation takes effect when the test says so.
final class LogModel {
    static let jobID = Specimen.id(1)

    let kernel: LogModelKernel
    let backend = LogModelBackend()
    let reactor: Reactor
    let watcher: LogWatcher
    let openLogs: OpenLogs
    let buffers = FollowerBuffers(limits: JobLimits())
    let job = Specimen.job(1)

    /// Begins with a job that runs, or one that is still starting.
    init(isStarting: Bool = false, readMax: Int = .max, isCached: Bool = false) throws {
        kernel = LogModelKernel(readMax: readMax, isCached: isCached)
        reactor = Reactor(backend: backend, kernel: kernel)
        watcher = LogWatcher(
            reactor: reactor, tick: .milliseconds(2),
            logger: Logger(label: "model", factory: { _ in SwiftLogNoOpLogHandler() }))
        openLogs = OpenLogs(
            directory: try LogDirectory(path: "/logs", kernel: kernel), watcher: watcher)
        if !isStarting { start() }
    }

    private func start() {
        job.startedAt = Timestamp(nanoseconds: 1)
        _ = job.life.startReported()
        openLogs.started(job.id)
    }

    func follower(limits: JobLimits) -> LogFollower {
        LogFollower(
            job: job, offset: 0, end: nil, logs: openLogs, reactor: reactor, limits: limits,
            buffers: buffers)
    }

    // MARK: What may happen next

    /// Something that may happen next, apart from what the shim does.
    enum Event: Equatable {
        /// The operation that was submitted at this place among those in flight takes effect.
        case operation(Int)
        /// The next timer is due.
        case timer
    }

    /// All that may happen next.
    var possibleEvents: [Event] {
        let operations = backend.inFlight.indices.filter {
            kernel.canComplete(backend.inFlight[$0].operation)
        }
        let timer: [Event] = reactor.nextDeadline() == nil ? [] : [.timer]
        return operations.map(Event.operation) + timer
    }

    /// Lets one thing happen, and runs its handlers.
    func perform(_ event: Event) throws(Errno) {
        switch event {
        case .operation(let place):
            let (token, operation) = backend.inFlight.remove(at: place)
            backend.completions.append(token, kernel.complete(operation))
        case .timer:
            if let deadline = reactor.nextDeadline() { kernel.setClock(to: deadline) }
        }
        try reactor.turn()
    }

    // MARK: What the shim does

    /// One step of a shim.
    enum ShimStep: Equatable, Sendable {
        /// Reports that the command runs, which so far was still starting.
        case start
        case record(IndexRecord)
        /// Writes only the first half of a record; the next one takes its place.
        case half(IndexRecord)
        case bytes(String)
        /// Says that the log below an offset will be given up, and the index below a record.
        case publishHead(UInt64, firstRecord: UInt64 = 0)
        /// Gives it up: it reads as zeros.
        case punch(UInt64)
        /// Gives up the records below that number, but for the first.
        case punchIndex(UInt64)
        /// Not the shim's doing, but somebody's.
        case truncate(Int)
        case exit
    }

    func perform(_ step: ShimStep) throws(Errno) {
        if step == .start {
            start()
        } else if !kernel.perform(step) {
            let record = kernel.endRecord
            job.outputSize = record?.outputSize ?? kernel.logSize
            _ = job.life.shimEnded()
            _ = job.life.verdictRead(record.map(JobVerdict.init) ?? .lost)
            openLogs.seal(job.id)
        }
        try settle()
    }

    /// Lets what was canceled end.
    func settle() throws(Errno) {
        while !backend.completions.isEmpty { try reactor.turn() }
    }
}

/// Keeps operations until they are told to take effect.
final class LogModelBackend: Backend {
    let name = "model"
    let inbox = Inbox<ReactorNews>(ring: {})
    var inFlight: [(token: Token, operation: Operation)] = []
    var completions = CompletionQueue()

    func submit(_ operation: Operation, as token: Token) {
        inFlight.append((token, operation))
    }

    func sendAtOnce(_ raw: Int32, from buffer: Buffer) -> Outcome? { nil }

    func cancel(_ token: Token) {
        guard let place = inFlight.firstIndex(where: { $0.token == token }) else { return }
        inFlight.remove(at: place)
        completions.append(token, .failure(.canceled))
    }

    func wait(until deadline: Instant?, into queue: inout CompletionQueue) {
        completions.moveAll(to: &queue)
    }

    func perform(on kind: WorkerKind, _ work: @escaping @Sendable () -> Void) {
        work()
    }
}
