import HeapModule

/// Names one timer, for ``Reactor/cancel(_:)-(TimerID)``.
package struct TimerID: Hashable, Sendable {
    let token: Token
}

/// One-shot timers in the order of their deadlines, and of their making where those are equal.
///
/// Cancelling only forgets the action; the entry leaves the heap when it surfaces, or when the
/// forgotten ones have come to outnumber the others: deadlines are mostly cancelled, never met.
struct TimerQueue {
    private struct Entry: Comparable {
        let deadline: Instant
        let sequence: UInt64
        let token: Token

        static func < (first: Entry, second: Entry) -> Bool {
            (first.deadline, first.sequence) < (second.deadline, second.sequence)
        }
    }

    private var heap = Heap<Entry>()
    private var actions = SlotTable<() -> Void>()

    /// The number the next timer gets: those that a running action makes wait for the next turn.
    private(set) var nextSequence: UInt64 = 0

    /// Whether no timer waits.
    var isEmpty: Bool { actions.isEmpty }

    /// Adds a timer.
    mutating func insert(at deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
        let token = actions.insert(action)
        heap.insert(Entry(deadline: deadline, sequence: nextSequence, token: token))
        nextSequence += 1
        return TimerID(token: token)
    }

    /// Forgets a timer; one that has run already is ignored.
    mutating func cancel(_ timer: TimerID) {
        guard actions.remove(timer.token) != nil else { return }
        if heap.count > 64, heap.count > 2 * actions.count { compact() }
    }

    /// When the first timer is due; nil without one.
    mutating func nextDeadline() -> Instant? {
        while let first = heap.min {
            if actions.contains(first.token) { return first.deadline }
            heap.removeMin()
        }
        return nil
    }

    /// Takes out the first timer that is due at `now` and older than `sequence`.
    mutating func popDue(at now: Instant, before sequence: UInt64) -> (() -> Void)? {
        guard let deadline = nextDeadline(), deadline <= now,
            let first = heap.min, first.sequence < sequence
        else { return nil }
        heap.removeMin()
        return actions.remove(first.token)
    }

    private mutating func compact() {
        heap = Heap(heap.unordered.filter { actions.contains($0.token) })
    }
}
