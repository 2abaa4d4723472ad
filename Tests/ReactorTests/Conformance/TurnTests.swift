import Reactor
import Simulator
import TestSupport
import Testing

/// Timers, the end of a turn, and the order of things within one.
@Suite(.timeLimit(.minutes(10))) struct TurnTests {
    @Test(arguments: MachineKind.all)
    func `timers run in the order of their deadlines, then of their making`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        var order: [Int] = []
        // Within one turn they share one reading of the clock.
        machine.reactor.atEndOfTurn {
            for (index, delay) in [3, 1, 2, 1, 0, 3].enumerated() {
                machine.reactor.schedule(after: .milliseconds(delay)) { order.append(index) }
            }
        }
        try machine.turn { order.count == 6 }
        #expect(order == [4, 1, 3, 2, 0, 5])
        #expect(machine.reactor.isIdle)
    }

    @Test(arguments: MachineKind.all)
    func `no timer runs before its time`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let start = machine.kernel.monotonicNow
        var end: Instant?
        machine.reactor.schedule(after: .milliseconds(20)) { end = machine.reactor.now }
        try machine.turn { end != nil }
        #expect(try #require(end) - start >= .milliseconds(20))
    }

    @Test(arguments: MachineKind.all)
    func `a cancelled timer is forgotten, however many there are`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        var ran: [Int] = []
        let timers = (0..<1000).map { index in
            machine.reactor.schedule(after: .milliseconds(index % 7)) { ran.append(index) }
        }
        for (index, timer) in timers.enumerated() where index != 500 {
            machine.reactor.cancel(timer)
            machine.reactor.cancel(timer)
        }
        try machine.turn { !ran.isEmpty }
        machine.reactor.cancel(timers[500])
        #expect(ran == [500])
        #expect(machine.reactor.isIdle)
    }

    @Test(arguments: MachineKind.all)
    func `a timer made by a timer waits for the next turn`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        var turns: [Int] = []
        var turn = 0
        machine.reactor.schedule(after: .zero) {
            turns.append(turn)
            machine.reactor.schedule(after: .zero) { turns.append(turn) }
        }
        while turns.count < 2 {
            turn += 1
            try machine.reactor.turn()
        }
        #expect(turns == [1, 2])
    }

    @Test(arguments: MachineKind.all)
    func `a turn ends after its handlers and timers`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        var order: [String] = []
        let flush = { order.append("flush") }
        machine.reactor.schedule(after: .zero) {
            order.append("timer")
            machine.reactor.atEndOfTurn(flush)
        }
        machine.reactor.submit(.send(pair.first.raw, from: Buffer("x"))) { _ in
            order.append("handler")
            machine.reactor.atEndOfTurn(flush)
        }
        try machine.turn { order.count == 4 }
        #expect(order == ["handler", "timer", "flush", "flush"])
    }

    @Test(arguments: MachineKind.all)
    func `what a flush puts off to the end runs next turn, without sleeping`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        var flushes = 0
        func flush() {
            flushes += 1
            if flushes < 3 { machine.reactor.atEndOfTurn(flush) }
        }
        machine.reactor.atEndOfTurn(flush)
        for expected in 1...3 {
            try machine.reactor.turn()
            #expect(flushes == expected)
        }
    }

    @Test(arguments: MachineKind.all)
    func `many completions do not starve a timer`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let socket = pair.first
        var completed = 0
        var completedBeforeTimer: Int?
        for _ in 0..<1000 {
            machine.reactor.submit(.awaitReadable(pair.second.raw)) { _ in completed += 1 }
        }
        machine.reactor.submit(.send(socket.raw, from: Buffer("x"))) { _ in }
        machine.reactor.schedule(after: .zero) { completedBeforeTimer = completed }
        try machine.turn { completed == 1000 }
        #expect(try #require(completedBeforeTimer) < 1000)
    }

    @Test(arguments: MachineKind.all)
    func `what is put off runs in order, each once, and what it puts off a turn later`(
        kind: MachineKind
    ) throws {
        let machine = try Machine(kind)
        var order: [String] = []
        for name in ["first", "second"] {
            machine.reactor.putOff {
                order.append(name)
                machine.reactor.putOff { order.append("\(name) again") }
            }
        }
        #expect(order.isEmpty && !machine.reactor.isIdle)
        try machine.turn { order.count == 4 }
        #expect(order == ["first", "second", "first again", "second again"])
        #expect(machine.reactor.isIdle)
    }

    /// A millisecond goes by in each.
    @Test func `what is done at the end of a turn is left to the next if it takes long`() throws {
        let machine = try Machine(.epoll)
        var done: [Int] = []
        for number in 1...3 {
            machine.reactor.atEndOfTurn {
                let begun = machine.kernel.monotonicNow
                while machine.kernel.monotonicNow - begun < .milliseconds(1) { continue }
                done.append(number)
                machine.reactor.atEndOfTurn { done.append(number + 3) }
            }
        }
        for expected in 1...3 {
            try machine.reactor.turn()
            #expect(done == Array(1...expected))
        }
        try machine.turn { machine.reactor.isIdle }
        #expect(done == [1, 2, 3, 4, 5, 6])
    }

    /// What was received lies in buffers of the loop's until it is handled.
    @Test(arguments: MachineKind.real)
    func `no more is received ahead than is handled soon`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        final class Connected {
            let pair: SocketPair
            init(_ kernel: any Kernel) throws(Errno) { pair = try kernel.makeSocketPair() }
        }
        let connections = try (0..<600).map { _ in try Connected(machine.kernel) }
        let pool = BufferPool(bufferCapacity: 64, keptAtMost: 0)
        var handledCount = 0
        for connected in connections {
            let loan = BufferLoan(from: pool)
            machine.reactor.submit(.receiveLent(connected.pair.first.raw, loan)) { _ in
                let begun = machine.kernel.monotonicNow
                while machine.kernel.monotonicNow - begun < .microseconds(200) { continue }
                handledCount += 1
                if let buffer = loan.take() { pool.giveBack(buffer) }
            }
        }
        for connected in connections {
            machine.reactor.submit(.send(connected.pair.second.raw, from: Buffer("x"))) { _ in }
        }
        var lentCountMax = 0
        try machine.turn {
            lentCountMax = max(lentCountMax, pool.lentCount)
            return handledCount == connections.count
        }
        #expect(lentCountMax <= 512)
    }

    @Test(arguments: MachineKind.all)
    func `dismantling lets go of whoever waits`(kind: MachineKind) throws {
        final class Owner {
            var isTold = false
        }
        let machine = try Machine(kind)
        let pipe = try machine.kernel.makePipe()
        weak var owner: Owner?
        do {
            let waiting = Owner()
            owner = waiting
            machine.reactor.submit(.awaitReadable(pipe.read.raw)) { _ in waiting.isTold = true }
            machine.reactor.schedule(after: .seconds(1)) { waiting.isTold = true }
            machine.reactor.atEndOfTurn { waiting.isTold = true }
            machine.reactor.perform(on: .files, {}, then: { waiting.isTold = true })
        }
        #expect(owner?.isTold == false)
        machine.reactor.dismantle()
        #expect(owner == nil)
    }

    @Test(arguments: MachineKind.all)
    func `run returns after the turn that stops it`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        var order: [String] = []
        machine.reactor.schedule(after: .milliseconds(1)) {
            order.append("stop")
            machine.reactor.stop()
            machine.reactor.atEndOfTurn { order.append("flush") }
        }
        try machine.reactor.run()
        #expect(order == ["stop", "flush"])
    }
}
