import Reactor

/// Counts the starts of one tenant, or of all, against a rate.
///
/// A token bucket, of which only the time is kept at which it will be full. Pure.
struct RateMeter {
    private var full: Instant

    /// Nothing was taken from it yet.
    init(at now: Instant) {
        full = now
    }

    /// How long the next start must wait; nil if it need not.
    func wait(at now: Instant, _ rate: StartRate) -> Duration? {
        let wait = missing(at: now, rate) - rate.interval * (rate.burst - 1)
        return wait > .zero ? wait : nil
    }

    /// A start takes place.
    mutating func take(at now: Instant, _ rate: StartRate) {
        full = now + missing(at: now, rate) + rate.interval
    }

    /// The time that would fill it, at most that of an empty one: the rate may have been another.
    private func missing(at now: Instant, _ rate: StartRate) -> Duration {
        min(max(full - now, .zero), rate.interval * rate.burst)
    }
}
