internal import Reactor

/// Counts the pings of a peer that has no reason to ask so often.
///
/// A peer that has just received something may measure the connection with as many pings as
/// it likes, as grpcio does all the time; one that has not is only allowed a few more than its
/// keepalive interval explains.
struct PingGuard {
    private let interval: Duration
    private let strikesMax: Int
    private var strikes = 0
    private var lastPing: Instant?

    init(interval: Duration, strikesMax: Int) {
        self.interval = interval
        self.strikesMax = strikesMax
    }

    /// Returns false when it was one too many.
    mutating func allows(pingAt now: Instant, contentSentSinceLast: Bool) -> Bool {
        defer { lastPing = now }
        if contentSentSinceLast {
            strikes = 0
        } else if let lastPing, now - lastPing < interval {
            strikes += 1
        }
        return strikes <= strikesMax
    }
}
