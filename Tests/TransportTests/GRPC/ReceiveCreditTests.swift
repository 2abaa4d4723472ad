import Testing

@testable import Transport

/// The window opens again as the receiver keeps up, and a message larger than it still arrives.
struct ReceiveCreditTests {
    @Test func `a receiver that keeps up never closes the window`() {
        var credit = ReceiveCredit()
        for _ in 0..<3 {
            #expect(credit.arrived(100) == 100)
            credit.delivered(95)
            #expect(credit.consumed(95) == 0)
        }
    }

    @Test func `while it is behind, what comes is held back until it catches up`() {
        var credit = ReceiveCredit()
        #expect(credit.arrived(100) == 100)
        credit.delivered(95)
        #expect(credit.arrived(200) == 0)
        credit.delivered(195)
        #expect(credit.consumed(95) == 95)
        #expect(credit.withheld == 105)
        #expect(credit.consumed(195) == 105)
        #expect(credit.owed == 0)
    }

    @Test func `a gone stream gives the connection its bytes back`() {
        var credit = ReceiveCredit()
        credit.delivered(1)
        #expect(credit.arrived(50) == 0)
        #expect(credit.close() == 50)
        #expect(credit.close() == 0)
    }
}
