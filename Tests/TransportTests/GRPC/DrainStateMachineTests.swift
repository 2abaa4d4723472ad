import Testing

@testable import Transport

/// Two steps, each once, in order.
struct DrainStateMachineTests {
    @Test func `announce, then go away`() {
        var drain = DrainStateMachine()
        #expect(drain.announcementSeen() == .none)
        #expect(drain.begin() == .announce)
        #expect(drain.begin() == .none)
        #expect(drain.announcementSeen() == .goAway)
        #expect(drain.announcementSeen() == .none)
        #expect(drain.begin() == .none)
    }
}
