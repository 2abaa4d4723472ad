import CLinux
import Glibc

/// A thread beside the loop that does one piece of work after the other.
///
/// A plain thread and not a task: it sleeps in the kernel, and nothing of it may show in the loop.
final class Worker {
    /// What a worker does, on its own thread.
    typealias Work = @Sendable () -> Void

    private let desk: Desk
    private let thread: pthread_t

    /// Starts the thread, with every signal blocked: those are the loop's.
    init() throws(Errno) {
        let desk = Desk(bell: try Doorbell(isBlocking: true))
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(desk).toOpaque()
        do throws(Errno) {
            try withSignalsBlocked { () throws(Errno) in
                try numbered("pthread_create") {
                    unsafe pthread_create(
                        &thread, nil,
                        { context in
                            guard let context = unsafe context else { return nil }
                            unsafe Unmanaged<Desk>.fromOpaque(context).takeRetainedValue().work()
                            return nil
                        }, context)
                }
            }
        } catch {
            unsafe Unmanaged<Desk>.fromOpaque(context).release()
            throw error
        }
        self.desk = desk
        self.thread = thread
    }

    /// Waits for the work that was given; nothing runs on after its owner is gone.
    deinit {
        desk.orders.post(.leave)
        pthread_join(thread, nil)
    }

    /// Gives the thread something to do.
    func enqueue(_ work: @escaping Work) {
        desk.orders.post(.work(work))
    }
}

/// What the two threads share.
private final class Desk: Sendable {
    enum Order: Sendable {
        case work(Worker.Work)
        case leave
    }

    let orders: Inbox<Order>
    private let bell: Doorbell

    init(bell: Doorbell) {
        self.bell = bell
        orders = Inbox { bell.ring() }
    }

    /// The life of the thread.
    func work() {
        while true {
            bell.wait()
            for order in orders.takeAll() {
                guard case .work(let work) = order else { return }
                work()
            }
        }
    }
}

/// Makes a thread that no signal reaches, because it inherits the mask of its maker.
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
