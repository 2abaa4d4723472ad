import Testing

@testable import Jobs

/// How long the watcher pauses between two looks at the hot logs, as a table.
struct HotLogPaceTests {
    @Test(
        arguments: [
            (.zero, .milliseconds(2)),
            (.milliseconds(1), .milliseconds(2)),
            (.milliseconds(8), .milliseconds(8)),
            (.milliseconds(20), .milliseconds(8)),
            (.milliseconds(40), .milliseconds(10)),
        ] as [(Duration, Duration)])
    func `a round is followed by as long a pause, and a long one by a quarter`(
        round: Duration, pause: Duration
    ) {
        var pace = HotLogPace(tick: .milliseconds(2), longRound: .milliseconds(8))
        pace.spend(round)
        #expect(pace.pause == pause)
    }

    @Test func `what a round costs adds up, until the next begins`() {
        var pace = HotLogPace(tick: .milliseconds(2), longRound: .milliseconds(8))
        pace.spend(.milliseconds(1))
        #expect(pace.isCheap)
        pace.spend(.milliseconds(2))
        #expect(!pace.isCheap)
        #expect(pace.pause == .milliseconds(3))
        pace.begin()
        #expect(pace.isCheap)
        #expect(pace.pause == .milliseconds(2))
    }

    @Test func `a tick longer than a long round stays what it is`() {
        #expect(HotLogPace(tick: .seconds(1), longRound: .milliseconds(8)).pause == .seconds(1))
    }
}
