/// When to look at the hot logs again: pure, fed with how long each round took.
struct HotLogPace {
    private let tick: Duration
    private let tickMax: Duration
    private var lastRound: Duration = .zero

    /// Begins with a pause of `tick`.
    init(tick: Duration, tickMax: Duration) {
        self.tick = tick
        self.tickMax = tickMax
    }

    /// How long to pause before the next round.
    ///
    /// When a round takes long, the loop must have at least as long for everything else. But one
    /// that took an hour, because the process was stopped meanwhile, is no reason to pause for two.
    var pause: Duration { min(max(tick, lastRound * 2), max(tick, tickMax)) }

    /// A round is over, that long after it was due.
    mutating func roundTook(_ duration: Duration) {
        lastRound = duration
    }
}
