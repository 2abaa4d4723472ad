import Reactor
import Simulator
import Testing

@testable import Transport

/// Strangers wait their turn: so many handshakes at once, so many steps in a turn.
@Suite(.timeLimit(.minutes(10)))
final class HandshakeGateTests {
    private let machine = SimulatedMachine(seed: 1)
    private let reactor: Reactor
    private let gate: HandshakeGate
    private var gone: [Int] = []

    init() {
        reactor = machine.makeReactor()
        var limits = TransportLimits()
        limits.handshakesAtOnce = 4
        limits.handshakeStepsPerTurn = 3
        limits.firstWordPatience = .milliseconds(100)
        limits.nextWordPatience = .milliseconds(500)
        gate = HandshakeGate(reactor: reactor, limits: limits)
    }

    /// Lets somebody enter from 10.0.0.`host`, who leaves when told to.
    @discardableResult
    private func enter(_ number: Int, from host: UInt32 = 1) -> HandshakeSlot {
        var slot: HandshakeSlot?
        let entered = gate.enter(from: .ipv4(0x0A00_0000 + host, port: 1)) { [unowned self] in
            gone.append(number)
            if let slot { gate.leave(slot) }
        }
        slot = entered
        return entered
    }

    @Test func `it is full, and has room again, once`() {
        var roomCount = 0
        gate.onRoom = { roomCount += 1 }
        let slots = (0..<3).map { enter($0) }
        #expect(!gate.isFull)
        let last = enter(3)
        #expect(gate.isFull)
        let oneMore = enter(4)
        gate.leave(last)
        #expect(gate.isFull, "one more had slipped in")
        #expect(roomCount == 0)
        gate.leave(oneMore)
        #expect(roomCount == 1)
        gate.leave(slots[0])
        #expect(roomCount == 1)
        #expect(gone.isEmpty, "nobody was silent for long")
    }

    @Test func `who is silent longest gives way, as soon as the patience is over`() throws {
        for number in 0..<3 {
            enter(number)
            try machine.advance(by: .milliseconds(10))
        }
        enter(3)
        #expect(gate.isFull)
        #expect(gone.isEmpty)
        try machine.advance(by: .milliseconds(71))
        #expect(gone == [0])
        #expect(!gate.isFull, "one place is kept free")
        enter(4)
        try machine.advance(by: .milliseconds(500))
        #expect(gone == [0, 1], "more than needed nobody has to go")
    }

    @Test func `the crowd of one address gives way, not who came alone`() throws {
        enter(0, from: 7)
        enter(1)
        enter(2)
        try machine.advance(by: .seconds(1))
        enter(3)
        #expect(gone == [1])
        enter(4)
        #expect(gone == [1, 2])
    }

    @Test func `who waits for us is not silent`() throws {
        let slots = (0..<3).map { enter($0) }
        try machine.advance(by: .seconds(1))
        // Two words are looked at and answered; that of the third is not looked at in this turn.
        gate.takeTurn(slots[0]) { true }
        gate.takeTurn(slots[1]) { true }
        gate.takeTurn(slots[1]) { false }
        gate.takeTurn(slots[2]) { false }
        enter(3)
        #expect(gate.isFull)
        #expect(gone.isEmpty)
        try reactor.turn()
        #expect(gone == [2], "one byte is no word that could be answered")
        enter(4)
        try machine.advance(by: .milliseconds(101))
        #expect(gone == [2, 3], "an answer is waited for longer than a first word")
        enter(5)
        try machine.advance(by: .milliseconds(400))
        #expect(gone == [2, 3, 4])
    }

    @Test func `steps beyond the limit run in later turns, in order`() throws {
        var done: [Int] = []
        let slot = enter(0)
        let step = { (number: Int) in
            self.gate.takeTurn(slot) {
                done.append(number)
                return false
            }
        }
        for number in 0..<8 { step(number) }
        #expect(done == [0, 1, 2])
        try reactor.turn()
        #expect(done == [0, 1, 2, 3, 4, 5])
        step(8)
        #expect(done.count == 6, "who comes later waits behind the others")
        try reactor.turn()
        #expect(done == [0, 1, 2, 3, 4, 5, 6, 7, 8])
        try reactor.turn()
        #expect(reactor.isIdle)
    }
}
