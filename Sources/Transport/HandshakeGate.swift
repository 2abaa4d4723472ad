import Reactor

/// Bounds the work that strangers can cause: handshakes at once, and handshake steps in a turn.
///
/// Nobody has proven anything before the end of the handshake, and a step of it can cost the loop
/// milliseconds.
package final class HandshakeGate {
    /// Called when a handshake has ended and there is room for another one.
    package var onRoom: (() -> Void)?

    private let reactor: Reactor
    private let limits: TransportLimits
    private var handshakes = 0
    private var stepsThisTurn = 0
    private var waitingSteps: [() -> Void] = []

    init(reactor: Reactor, limits: TransportLimits) {
        self.reactor = reactor
        self.limits = limits
    }

    /// Whether there are as many handshakes as there may be.
    package var isFull: Bool { handshakes >= limits.handshakesAtOnce }

    /// A handshake begins.
    func enter() {
        handshakes += 1
    }

    /// A handshake has ended, well or badly.
    func leave() {
        precondition(handshakes > 0, "more handshakes ended than began")
        let wasFull = isFull
        handshakes -= 1
        if wasFull, !isFull {
            onRoom?()
        }
    }

    /// Runs a step of a handshake now, or in a later turn if there were many in this one.
    func takeTurn(_ step: @escaping () -> Void) {
        guard waitingSteps.isEmpty, stepsThisTurn < limits.handshakeStepsPerTurn else {
            waitingSteps.append(step)
            return
        }
        run(step)
    }

    private func run(_ step: () -> Void) {
        if stepsThisTurn == 0 {
            reactor.atEndOfTurn { self.beginTurn() }
        }
        stepsThisTurn += 1
        step()
    }

    /// Runs steps that were held back; the first of them asks for the end of the next turn.
    private func beginTurn() {
        stepsThisTurn = 0
        let due = waitingSteps.prefix(limits.handshakeStepsPerTurn)
        waitingSteps.removeFirst(due.count)
        for step in due { run(step) }
    }
}
