/// A point on the monotonic clock: for deadlines and durations, never shown to anybody.
package struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC, whose zero means nothing.
    package let nanoseconds: UInt64

    /// Wraps a reading of the clock.
    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Before every reading of the clock: a deadline that has passed already.
    package static let distantPast = Instant(nanoseconds: 0)

    /// Orders by time.
    package static func < (earlier: Instant, later: Instant) -> Bool {
        earlier.nanoseconds < later.nanoseconds
    }

    /// The instant that far away; stays at the ends of the clock instead of wrapping around.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        let distance = duration.wholeNanoseconds
        let moved =
            distance < 0
            ? instant.nanoseconds.subtractingReportingOverflow(distance.magnitude)
            : instant.nanoseconds.addingReportingOverflow(distance.magnitude)
        guard !moved.overflow else { return Instant(nanoseconds: distance < 0 ? 0 : .max) }
        return Instant(nanoseconds: moved.partialValue)
    }

    /// How long after `earlier` this instant is; negative when it came before.
    package static func - (later: Instant, earlier: Instant) -> Duration {
        later < earlier
            ? .zero - .nanoseconds(earlier.nanoseconds - later.nanoseconds)
            : .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}

/// A point in calendar time, for people and for files.
///
/// It may jump when the clock is set.
package struct Timestamp: Comparable, Hashable, Sendable {
    /// Nanoseconds since the Unix epoch, of CLOCK_REALTIME.
    package let nanoseconds: Int64

    /// Wraps a reading of the clock.
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Orders by time.
    package static func < (earlier: Timestamp, later: Timestamp) -> Bool {
        earlier.nanoseconds < later.nanoseconds
    }
}

extension Duration {
    /// The length in nanoseconds, rounded toward zero; stays within ±292 years.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let sum = whole.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard !whole.overflow, !sum.overflow else { return seconds < 0 ? .min : .max }
        return sum.partialValue
    }
}
