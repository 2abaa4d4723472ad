/// When to look at logs again: pure, fed with the processor time that telling their followers has
/// taken.
///
/// A round begins when hot logs are looked at. What it costs decides on the pause before the next
/// one: as long as it takes, so long the loop has for everything else, and half of it goes to
/// followers. After a long round that would double a wait that is long already: then the loop has a
/// fifth for everything else.
struct HotLogPace {
    private let tick: Duration
    private let longRound: Duration
    private var spent: Duration = .zero

    /// Begins with a pause of `tick`.
    init(tick: Duration, longRound: Duration) {
        self.tick = tick
        self.longRound = longRound
    }

    /// How long to pause before the next round.
    var pause: Duration { max(tick, min(spent, longRound), spent / 4) }

    /// Whether the round has cost so little that who is woken next need not wait for the next one.
    var isCheap: Bool { spent < tick }

    /// A round begins.
    mutating func begin() {
        spent = .zero
    }

    /// The round has taken that much more.
    mutating func spend(_ duration: Duration) {
        spent += duration
    }
}
