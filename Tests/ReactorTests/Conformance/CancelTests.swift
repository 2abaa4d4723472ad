import Reactor
import Simulator
import TestSupport
import Testing

/// Cancelling, and what is late for a former use of a slot or a number.
@Suite(.timeLimit(.minutes(10))) struct CancelTests {
    @Test(arguments: MachineKind.all)
    func `a cancelled operation completes once, as canceled`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pipe = try machine.kernel.makePipe()
        let read = pipe.read
        let write = pipe.write
        let buffer = Buffer(capacity: 10)
        var outcomes: [Outcome] = []
        let token = machine.reactor.submit(.readPipe(read.raw, into: buffer)) {
            outcomes.append($0)
        }
        machine.reactor.cancel(token)
        machine.reactor.cancel(token)
        #expect(outcomes.isEmpty)
        try machine.turn { !outcomes.isEmpty }
        machine.reactor.cancel(token)

        // The byte is still there for the next one.
        try machine.complete(.writeStream(write.raw, from: Buffer("x")))
        #expect(try machine.complete(.readPipe(read.raw, into: buffer)) == 1)
        #expect(outcomes == [.failure(.canceled)])
    }

    @Test(arguments: MachineKind.all)
    func `what is done already stays done`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        let theirs = pair.second
        try machine.complete(.send(theirs.raw, from: Buffer("x")))
        let buffer = Buffer(capacity: 10)
        var outcomes: [Outcome] = []
        let token = machine.reactor.submit(.receive(mine.raw, into: buffer)) {
            outcomes.append($0)
        }
        machine.reactor.cancel(token)
        try machine.turn { !outcomes.isEmpty }
        // Whichever it was, outcome and buffer agree.
        #expect(outcomes == [buffer.readableCount == 1 ? .success(1) : .failure(.canceled)])
    }

    @Test(arguments: MachineKind.all)
    func `cancelling one of several at a descriptor leaves the others`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pipe = try machine.kernel.makePipe()
        let read = pipe.read
        let write = pipe.write
        var outcomes: [Int: Outcome] = [:]
        let tokens = (0..<3).map { index in
            machine.reactor.submit(.awaitReadable(read.raw)) { outcomes[index] = $0 }
        }
        machine.reactor.cancel(tokens[0])
        machine.reactor.cancel(tokens[2])
        try machine.complete(.writeStream(write.raw, from: Buffer("x")))
        try machine.turn { outcomes.count == 3 }
        #expect(outcomes[1] == .success(0))
        #expect(outcomes[0] == .failure(.canceled) && outcomes[2] == .failure(.canceled))
    }

    @Test(arguments: MachineKind.all)
    func `a stale token does not reach the next user of its slot`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        let pair = try machine.kernel.makeSocketPair()
        let mine = pair.first
        let theirs = pair.second
        var isDone = false
        let stale = machine.reactor.submit(.send(mine.raw, from: Buffer("x"))) { _ in isDone = true
        }
        try machine.turn { isDone }
        try machine.complete(.receive(theirs.raw, into: Buffer(capacity: 1)))

        let buffer = Buffer(capacity: 1)
        var outcome: Outcome?
        let token = machine.reactor.submit(.receive(theirs.raw, into: buffer)) { outcome = $0 }
        #expect(token.index == stale.index && token.generation != stale.generation)
        machine.reactor.cancel(stale)
        try machine.complete(.send(mine.raw, from: Buffer("y")))
        try machine.turn { outcome != nil }
        #expect(outcome == .success(1))
    }

    @Test(arguments: MachineKind.all)
    func `a reused descriptor starts afresh`(kind: MachineKind) throws {
        let machine = try Machine(kind)
        for round in 0..<20 {
            let pipe = try machine.kernel.makePipe()
            let read = pipe.read
            let write = pipe.write
            let buffer = Buffer(capacity: 10)
            var outcome: Outcome?
            let token = machine.reactor.submit(.readPipe(read.raw, into: buffer)) { outcome = $0 }
            if round.isMultiple(of: 2) {
                // Cancel, join, close: the number is free for the pipe of the next round.
                machine.reactor.cancel(token)
                try machine.turn { outcome == .failure(.canceled) }
            } else {
                try machine.complete(.writeStream(write.raw, from: Buffer("\(round)")))
                try machine.turn { outcome != nil }
                #expect(buffer.text == "\(round)")
            }
        }
        #expect(machine.reactor.isIdle)
    }
}
