import Reactor
import Testing

@testable import Transport

/// Silence is asked about once, and borne for so long.
struct KeepaliveStateMachineTests {
    private var machine = KeepaliveStateMachine(
        idle: .seconds(15), timeout: .seconds(10), stalledSend: .seconds(40))

    private static func at(_ seconds: UInt64) -> Instant {
        Instant(nanoseconds: seconds * 1_000_000_000)
    }

    private mutating func fire(
        at now: UInt64, heard: UInt64, stalled: UInt64? = nil, isNeeded: Bool = true
    ) -> KeepaliveStateMachine.Action {
        machine.timerFired(
            at: Self.at(now), lastHeard: Self.at(heard), stalledSince: stalled.map(Self.at),
            isNeeded: isNeeded)
    }

    @Test mutating func `a talking peer is never asked`() {
        #expect(fire(at: 15, heard: 14) == .sleep(.seconds(14)))
        #expect(fire(at: 29, heard: 29) == .sleep(.seconds(15)))
    }

    @Test mutating func `a silent peer is asked, and given up when it stays silent`() {
        #expect(fire(at: 15, heard: 0) == .ask(thenSleep: .seconds(10)))
        #expect(fire(at: 20, heard: 0) == .sleep(.seconds(5)))
        #expect(fire(at: 25, heard: 0) == .giveUp)
    }

    @Test mutating func `any byte after the question is an answer`() {
        #expect(fire(at: 15, heard: 0) == .ask(thenSleep: .seconds(10)))
        #expect(fire(at: 25, heard: 16) == .sleep(.seconds(6)))
        #expect(fire(at: 31, heard: 16) == .ask(thenSleep: .seconds(10)))
    }

    @Test mutating func `nobody is asked while it does not matter`() {
        #expect(fire(at: 15, heard: 0, isNeeded: false) == .sleep(.seconds(15)))
        #expect(fire(at: 30, heard: 0) == .ask(thenSleep: .seconds(10)))
    }

    @Test mutating func `while something waits only what is taken of it counts`() {
        #expect(fire(at: 15, heard: 0) == .ask(thenSleep: .seconds(10)))
        #expect(fire(at: 25, heard: 0, stalled: 16) == .sleep(.seconds(15)))
        #expect(fire(at: 40, heard: 0, stalled: 16) == .sleep(.seconds(15)))
        #expect(fire(at: 55, heard: 0, stalled: 16) == .sleep(.seconds(1)))
        #expect(fire(at: 56, heard: 0, stalled: 16) == .giveUp)
    }

    @Test mutating func `who has taken what waited is asked again before it is given up`() {
        #expect(fire(at: 15, heard: 0) == .ask(thenSleep: .seconds(10)))
        #expect(fire(at: 25, heard: 0, stalled: 16) == .sleep(.seconds(15)))
        #expect(fire(at: 30, heard: 0) == .sleep(.seconds(10)))
        #expect(fire(at: 40, heard: 0) == .ask(thenSleep: .seconds(10)))
        #expect(fire(at: 50, heard: 0) == .giveUp)
    }
}
