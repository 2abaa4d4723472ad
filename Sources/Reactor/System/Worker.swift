import CLinux
import DequeModule
import Glibc
import Synchronization

/// Threads beside the loop that do one piece of work after the other: one, or a few that share it.
///
/// Plain threads and not tasks: they sleep in the kernel, and nothing of it may show in the loop.
final class Worker {
    /// What a worker does, on a thread of its own.
    typealias Work = @Sendable () -> Void

    private let desk: Desk
    private var threads: [pthread_t] = []

    /// Starts the threads, with every signal blocked: those are the loop's.
    ///
    /// Where not all can be had, fewer do the work; it fails where there is none.
    init(for kind: WorkerKind) throws(Errno) {
        desk = Desk(name: kind.threadName, bell: try Doorbell(counts: true))
        try withSignalsBlocked { () throws(Errno) in
            threads = try startThreads(at: desk, count: kind.threadCount)
        }
    }

    /// Waits for the work that was given; nothing runs on after its owner is gone.
    deinit {
        for _ in threads { desk.post(.leave) }
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Gives the threads something to do.
    func enqueue(_ work: @escaping Work) {
        desk.post(.work(work))
    }
}

extension WorkerKind {
    /// How many threads share the work.
    ///
    /// Who spawns sleeps until the nursery has answered or, where there is none, until the child has
    /// executed its program: one thread alone would hold up the others' births.
    package var threadCount: Int {
        switch self {
        case .processes: 3
        case .files, .storage, .images: 1
        }
    }

    /// What the kernel shows of them, proc_pid_comm(5): at most 15 bytes.
    fileprivate var threadName: String { "\(self)" }
}

/// What the loop and the threads share.
private final class Desk: Sendable {
    enum Order: Sendable {
        case work(Worker.Work)
        case leave
    }

    private let name: String
    private let orders = Mutex<Deque<Order>>([])
    /// Rings once for each order, so that each wakes one thread.
    private let bell: Doorbell

    init(name: String, bell: Doorbell) {
        self.name = name
        self.bell = bell
    }

    func post(_ order: Order) {
        orders.withLock { $0.append(order) }
        bell.ring()
    }

    /// The life of a thread.
    func work() {
        unsafe name.withCString {
            _ = clinux_process_control(PR_SET_NAME, UInt(bitPattern: $0))
        }
        while true {
            bell.wait()
            guard case .work(let work)? = orders.withLock({ $0.popFirst() }) else { return }
            work()
        }
    }
}

private func startThreads(at desk: Desk, count: Int) throws(Errno) -> [pthread_t] {
    var threads = [try startThread(at: desk)]
    while threads.count < count, let thread = try? startThread(at: desk) { threads.append(thread) }
    return threads
}

private func startThread(at desk: Desk) throws(Errno) -> pthread_t {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(desk).toOpaque()
    do throws(Errno) {
        try numbered("pthread_create") {
            unsafe pthread_create(
                &thread, nil,
                { context in
                    guard let context = unsafe context else { return nil }
                    unsafe Unmanaged<Desk>.fromOpaque(context).takeRetainedValue().work()
                    return nil
                }, context)
        }
    } catch {
        unsafe Unmanaged<Desk>.fromOpaque(context).release()
        throw error
    }
    return thread
}

/// Makes threads that no signal reaches, because they inherit the mask of their maker.
///
/// A signal for the loop's signal descriptor could otherwise be delivered here. signalfd(2).
private func withSignalsBlocked(_ body: () throws(Errno) -> Void) throws(Errno) {
    var all = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&all)
    try numbered("pthread_sigmask") { unsafe pthread_sigmask(SIG_SETMASK, &all, &before) }
    defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
}
