import OrderedCollections
import Reactor

/// Those who asked for a job's stop, and when they are told even if the job is still there: what
/// waits in the kernel cannot be killed, and nobody should wait for a disk that never answers.
final class StopAnswers {
    private let reactor: Reactor
    private var timer: TimerID?
    private var deadline: Instant?
    /// In the order in which they came.
    private var waiters: OrderedDictionary<UInt64, () -> Void> = [:]
    /// Whether the time is over.
    private(set) var isDue = false

    init(reactor: Reactor) {
        self.reactor = reactor
    }

    /// Counts from the first request of the stop.
    func begin(within duration: Duration) {
        guard deadline == nil else { return }
        deadline = reactor.now + duration
        timer = reactor.schedule(after: duration) { [self] in
            timer = nil
            // What else is due at this moment is to be known to them.
            reactor.atEndOfTurn { [self] in answer() }
        }
    }

    /// What is left of the time; nil if it has not begun or is over.
    var timeLeft: Duration? {
        deadline.flatMap { reactor.now < $0 ? $0 - reactor.now : nil }
    }

    /// Tells `then` when the time is over, unless the job has ended before.
    func wait(_ number: UInt64, then: @escaping () -> Void) {
        waiters[number] = then
    }

    /// Does not tell that one.
    func cancel(_ number: UInt64) {
        waiters[number] = nil
    }

    /// The job has ended, which is told elsewhere.
    func end() {
        if let timer { reactor.cancel(timer) }
        timer = nil
        waiters = [:]
    }

    private func answer() {
        isDue = true
        let waiters = waiters
        self.waiters = [:]
        for waiter in waiters.values { waiter() }
    }
}
