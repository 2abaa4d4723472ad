import Testing

@testable import Jobs

/// How long the watcher pauses between two looks at the hot logs, as a table.
struct HotLogPaceTests {
    @Test(
        arguments: [
            (.zero, .milliseconds(2)),
            (.milliseconds(1), .milliseconds(2)),
            (.milliseconds(10), .milliseconds(10)),
            (.seconds(3600), .milliseconds(200)),
        ] as [(Duration, Duration)])
    func `a long round makes for a long pause, within bounds`(round: Duration, pause: Duration) {
        var pace = HotLogPace(tick: .milliseconds(2), tickMax: .milliseconds(200))
        pace.spend(round)
        #expect(pace.pause == pause)
    }

    @Test func `what a round costs adds up, until the next begins`() {
        var pace = HotLogPace(tick: .milliseconds(2), tickMax: .milliseconds(200))
        pace.spend(.milliseconds(1))
        #expect(pace.isCheap)
        pace.spend(.milliseconds(2))
        #expect(!pace.isCheap)
        #expect(pace.pause == .milliseconds(3))
        pace.begin()
        #expect(pace.isCheap)
        #expect(pace.pause == .milliseconds(2))
    }

    @Test func `a tick longer than the bound stays what it is`() {
        #expect(HotLogPace(tick: .seconds(1), tickMax: .milliseconds(200)).pause == .seconds(1))
    }
}
