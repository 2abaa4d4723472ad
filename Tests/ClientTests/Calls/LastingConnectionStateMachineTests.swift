import Reactor
import Testing

@testable import Client

/// When to try again, and when it is enough; the method is tables over a clock that stands still.
@Suite struct LastingConnectionStateMachineTests {
    private typealias Machine = LastingConnection.StateMachine

    private static func instant(_ milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private func machine(patience: Duration = .seconds(600)) -> Machine {
        Machine(patience: patience, at: Self.instant(0))
    }

    @Test func `pauses double up to their bound`() {
        var machine = machine()
        let pauses = (0..<9).map { number in
            machine.failed(at: Self.instant(number), retryDelay: nil, chance: 1)
        }
        let milliseconds = [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]
        #expect(
            pauses
                == milliseconds.enumerated().map { index, pause in
                    .pause(.milliseconds(pause), isNews: index == 0)
                })
    }

    @Test func `a hundred failures are no more than the bound`() {
        var machine = machine()
        for _ in 0..<100 { _ = machine.failed(at: Self.instant(1), retryDelay: nil, chance: 1) }
        let last = machine.failed(at: Self.instant(1), retryDelay: nil, chance: 1)
        #expect(last == .pause(Limits.reconnectPauseMax, isNews: false))
    }

    @Test(arguments: [
        (0.0, Duration?.none, Duration.zero),
        (0.5, nil, .milliseconds(50)),
        (1.0, nil, .milliseconds(100)),
        (0.0, .seconds(2), .seconds(2)),
        (0.5, .seconds(2), .milliseconds(2050)),
        (0.0, .seconds(86_400), Limits.retryDelayMax),
        (0.0, .seconds(-5), .zero),
    ])
    func `chance spreads a pause, and comes on top of what the server asks for`(
        chance: Double, retryDelay: Duration?, pause: Duration
    ) {
        var machine = machine()
        let order = machine.failed(at: Self.instant(1), retryDelay: retryDelay, chance: chance)
        #expect(order == .pause(pause, isNews: true))
    }

    @Test func `patience counts from the beginning of the outage, and its end is a last try`() {
        var machine = machine(patience: .seconds(10))
        let begin: UInt64 = 3_600_000
        let first = machine.failed(at: Self.instant(begin), retryDelay: nil, chance: 0)
        #expect(first == .pause(.zero, isNews: true))
        let early = machine.failed(at: Self.instant(begin + 9_990), retryDelay: nil, chance: 1)
        #expect(early == .pause(.milliseconds(10), isNews: false))
        let late = machine.failed(at: Self.instant(begin + 10_000), retryDelay: nil, chance: 1)
        #expect(late == .giveUp)
    }

    @Test func `no patience bears nothing`() {
        var machine = machine(patience: .zero)
        #expect(machine.failed(at: Self.instant(5), retryDelay: nil, chance: 0) == .giveUp)
    }

    @Test func `an answer ends an outage, and the next is news and has its own patience`() {
        var machine = machine(patience: .seconds(10))
        #expect(!machine.isDown)
        let wasDown = machine.answered(at: Self.instant(0))
        #expect(!wasDown)
        _ = machine.failed(at: Self.instant(1), retryDelay: nil, chance: 1)
        #expect(machine.isDown)
        let isOver = machine.answered(at: Self.instant(9_000))
        #expect(isOver)
        #expect(!machine.isDown)
        let next = machine.failed(at: Self.instant(14_001), retryDelay: nil, chance: 1)
        #expect(next == .pause(.milliseconds(100), isNews: true))
    }

    @Test func `a server that answers and drops us every time is given up, too`() {
        var machine = machine(patience: .seconds(10))
        _ = machine.failed(at: Self.instant(1), retryDelay: nil, chance: 1)
        _ = machine.answered(at: Self.instant(9_000))
        let next = machine.failed(at: Self.instant(9_901), retryDelay: nil, chance: 1)
        #expect(next == .pause(.milliseconds(100), isNews: true))
        _ = machine.answered(at: Self.instant(10_000))
        #expect(machine.failed(at: Self.instant(10_001), retryDelay: nil, chance: 1) == .giveUp)
    }

    /// What happened between an answer and the next failure, and the longest pause after that.
    @Test(arguments: [
        (held: Duration.milliseconds(1), progressed: false, pause: Duration.milliseconds(200)),
        (.seconds(5), false, .milliseconds(100)),
        (.milliseconds(1), true, .milliseconds(100)),
    ])
    func `only a connection that was worth its while sets the pauses back`(
        held: Duration, progressed: Bool, pause: Duration
    ) {
        var machine = machine()
        _ = machine.failed(at: Self.instant(1), retryDelay: nil, chance: 1)
        _ = machine.answered(at: Self.instant(2))
        if progressed { machine.progressed() }
        let order = machine.failed(at: Self.instant(2) + held, retryDelay: nil, chance: 1)
        #expect(order == .pause(pause, isNews: true))
    }
}
