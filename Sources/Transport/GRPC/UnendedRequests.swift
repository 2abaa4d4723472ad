internal import DequeModule
internal import Reactor

/// Requests that may take only so long, the same for each: the oldest is late first.
struct UnendedRequests {
    private var entries: Deque<(stream: HTTP2StreamID, deadline: Instant)> = []

    /// When the oldest is late.
    var nextDeadline: Instant? { entries.first?.deadline }

    mutating func append(_ stream: HTTP2StreamID, deadline: Instant) {
        entries.append((stream, deadline))
    }

    /// A request has ended: mostly it is the only one, or the oldest, or else the newest.
    mutating func remove(_ stream: HTTP2StreamID) {
        if entries.first?.stream == stream {
            entries.removeFirst()
        } else if let index = entries.lastIndex(where: { $0.stream == stream }) {
            entries.remove(at: index)
        }
    }

    /// Takes out those whose time is over.
    mutating func takeLate(at now: Instant) -> [HTTP2StreamID] {
        var late: [HTTP2StreamID] = []
        while let first = entries.first, first.deadline <= now {
            late.append(first.stream)
            entries.removeFirst()
        }
        return late
    }
}
