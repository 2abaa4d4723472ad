import Reactor

/// What will happen on the machine by itself, in the order of time.
struct EventQueue: Sendable {
    private struct Event: Sendable {
        let time: Instant
        let action: @Sendable () -> Void
    }

    /// Sorted by time; of equal times the earlier made comes first.
    private var events: [Event] = []

    /// When the next thing happens.
    var nextTime: Instant? { events.first?.time }

    mutating func insert(at time: Instant, _ action: @escaping @Sendable () -> Void) {
        let index = events.firstIndex { time < $0.time } ?? events.count
        events.insert(Event(time: time, action: action), at: index)
    }

    /// Takes out the next thing that is due.
    mutating func popDue(at now: Instant) -> (@Sendable () -> Void)? {
        guard let first = events.first, first.time <= now else { return nil }
        return events.removeFirst().action
    }
}
