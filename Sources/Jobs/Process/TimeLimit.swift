import Reactor

/// Tells when a job has run for as long as it may.
final class TimeLimit {
    private let reactor: Reactor
    private var timer: TimerID?

    init(reactor: Reactor) {
        self.reactor = reactor
    }

    /// Counts from the start of the command, whichever life of the supervisor that was in.
    ///
    /// Only the calendar knows of another life, and may have been set since: what is left is never
    /// more than the whole. A start that nobody knows the time of counts as now.
    func begin(_ limit: Duration, since start: Timestamp?, _ isOver: @escaping () -> Void) {
        precondition(timer == nil, "the time of a job is counted once")
        let now = reactor.kernel.wallClockNow
        let gone = start.map {
            Duration.nanoseconds(now.nanoseconds) - .nanoseconds($0.nanoseconds)
        }
        timer = reactor.schedule(after: min(limit, limit - (gone ?? .zero))) { [self] in
            timer = nil
            isOver()
        }
    }

    /// Counts no more.
    func end() {
        if let timer { reactor.cancel(timer) }
        timer = nil
    }
}
