import Reactor

/// How often something may happen: so many times in an interval that begins with the first.
struct RateBudget {
    private let limit: Int
    private let interval: Duration
    private var intervalStart: Instant?
    private var spent = 0

    /// Makes an untouched budget.
    init(limit: Int, interval: Duration) {
        self.limit = limit
        self.interval = interval
    }

    /// Takes one from the budget; false if there is nothing left of it.
    mutating func spend(at now: Instant) -> Bool {
        if let start = intervalStart, now - start < interval {
            spent += 1
        } else {
            intervalStart = now
            spent = 1
        }
        return spent <= limit
    }
}
