import Reactor
import Testing

@testable import Transport

/// Strangers wait their turn: so many handshakes at once, so many steps in a turn.
@Suite(.timeLimit(.minutes(1)))
struct HandshakeGateTests {
    private let reactor: Reactor
    private let gate: HandshakeGate

    init() throws {
        reactor = try Reactor()
        var limits = TransportLimits()
        limits.handshakesAtOnce = 2
        limits.handshakeStepsPerTurn = 3
        gate = HandshakeGate(reactor: reactor, limits: limits)
    }

    @Test func `it is full, and has room again, once`() {
        var roomCount = 0
        gate.onRoom = { roomCount += 1 }
        gate.enter()
        #expect(!gate.isFull)
        gate.enter()
        #expect(gate.isFull)
        gate.enter()
        gate.leave()
        #expect(gate.isFull, "one more had slipped in")
        #expect(roomCount == 0)
        gate.leave()
        #expect(roomCount == 1)
        gate.leave()
        #expect(roomCount == 1)
    }

    @Test func `steps beyond the limit run in later turns, in order`() throws {
        var done: [Int] = []
        for index in 0..<8 {
            gate.takeTurn { done.append(index) }
        }
        #expect(done == [0, 1, 2])
        try reactor.turn()
        #expect(done == [0, 1, 2, 3, 4, 5])
        gate.takeTurn { done.append(8) }
        #expect(done.count == 6, "who comes later waits behind the others")
        try reactor.turn()
        #expect(done == [0, 1, 2, 3, 4, 5, 6, 7, 8])
        try reactor.turn()
        #expect(reactor.isIdle)
    }
}
