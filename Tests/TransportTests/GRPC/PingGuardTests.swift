import Reactor
import Testing

@testable import Transport

/// Who has a reason to ping may; who has none is counted.
struct PingGuardTests {
    private var pings = PingGuard(interval: .seconds(20), strikesMax: 3)

    private mutating func allows(_ seconds: UInt64, contentSent: Bool = false) -> Bool {
        pings.allows(
            pingAt: Instant(nanoseconds: seconds * 1_000_000_000),
            contentSentSinceLast: contentSent)
    }

    @Test mutating func `a keepalive at its interval goes on for ever`() {
        for turn in 0..<100 { #expect(allows(UInt64(turn) * 20) == true) }
    }

    @Test mutating func `measuring while something is received goes on for ever`() {
        for _ in 0..<100 {
            #expect(allows(1, contentSent: true) == true)
            #expect(allows(1) == true)
        }
    }

    @Test mutating func `pings without a reason are counted`() {
        for second in 0...3 { #expect(allows(UInt64(second)) == true) }
        #expect(allows(4) == false)
    }
}
