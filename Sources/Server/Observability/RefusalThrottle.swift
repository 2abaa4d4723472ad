import Reactor

/// Lets one line through in a while and counts the others: whoever can connect could otherwise fill
/// the log.
struct RefusalThrottle {
    private let interval: Duration
    private var quietUntil: Instant?
    private var unspoken = 0

    init(interval: Duration) {
        self.interval = interval
    }

    /// One more event.
    ///
    /// - Returns: How many went unspoken since the last line, if this one may be a line; else nil.
    mutating func admit(at now: Instant) -> Int? {
        if let quietUntil, now < quietUntil {
            unspoken += 1
            return nil
        }
        defer { unspoken = 0 }
        quietUntil = now + interval
        return unspoken
    }
}
