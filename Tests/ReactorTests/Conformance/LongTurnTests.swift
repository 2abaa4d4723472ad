import Reactor
import Synchronization
import TestSupport
import Testing

/// Turns that take long: the loop looks at the backend in between, and then goes on with them.
///
/// On the machines whose clock goes on by itself.
@Suite(.timeLimit(.minutes(10))) struct LongTurnTests {
    /// Much longer than a turn may take at a time.
    private func dawdle(on machine: Machine) {
        let begun = machine.kernel.monotonicNow
        while machine.kernel.monotonicNow - begun < .milliseconds(1) { continue }
    }

    @Test(arguments: MachineKind.real)
    func `each call does one long thing, and none waits for all of another kind`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        var order: [String] = []
        let note = { (name: String) in
            order.append(name)
            dawdle(on: machine)
        }
        let pair = try machine.kernel.makeSocketPair()
        for name in ["first", "second"] {
            machine.reactor.submit(.send(pair.first.raw, from: Buffer("x"))) { _ in
                note("\(name) handler")
            }
            machine.reactor.putOff { note("\(name) step") }
        }
        machine.reactor.schedule(after: .zero) { order.append("timer") }
        machine.reactor.atEndOfTurn { note("flush") }
        var counts: [Int] = []
        while order.count < 6 {
            try machine.reactor.turn()
            counts.append(order.count)
        }
        #expect(
            order == [
                "first handler", "first step", "timer", "flush", "second handler", "second step",
            ])
        #expect(counts == [1, 2, 4, 5, 6])
    }

    @Test(arguments: MachineKind.real)
    func `news that comes while a turn takes long wakes the loop`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        for round in 1...3 {
            let heard = Mutex(0)
            machine.reactor.putOff {
                machine.reactor.inbox.post { _ in heard.withLock { $0 = round } }
                dawdle(on: machine)
            }
            machine.reactor.atEndOfTurn { dawdle(on: machine) }
            try machine.turn { heard.withLock { $0 } == round }
        }
        #expect(machine.reactor.isIdle)
    }

    @Test(arguments: MachineKind.real)
    func `a turn that is not over does not sleep`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        machine.reactor.putOff { dawdle(on: machine) }
        try machine.reactor.turn()
        #expect(try #require(machine.reactor.nextDeadline()) <= machine.reactor.now)
        try machine.reactor.turn()
        #expect(machine.reactor.nextDeadline() == nil)
    }

    @Test(arguments: MachineKind.real)
    func `run returns after the end of a turn that takes long`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        var order: [String] = []
        machine.reactor.putOff {
            machine.reactor.stop()
            machine.reactor.atEndOfTurn { order.append("flush") }
            machine.reactor.putOff { order.append("next turn") }
            dawdle(on: machine)
        }
        try machine.reactor.run()
        #expect(order == ["flush"])
    }
}
