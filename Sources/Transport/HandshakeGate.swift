import Reactor

/// Bounds the work that strangers can cause: handshakes at once, and handshake steps in a turn.
///
/// Nobody has proven anything before the end of the handshake, and a step of it can cost the loop
/// milliseconds. When all places but one are taken, those who have been silent for a while give way
/// to those who come: a crowd of silent connections does not keep anybody waiting.
package final class HandshakeGate {
    /// Called when there is room for another handshake.
    package var onRoom: (() -> Void)?

    private let reactor: Reactor
    private let limits: TransportLimits
    private var slots = HandshakeSlots()
    private var lookTimer: TimerID?
    private var stepsThisTurn = 0
    private var waitingSteps: [Step] = []

    private struct Step {
        let slot: HandshakeSlot
        /// Answers whether the client was told something that it has to answer in its turn.
        let action: () -> Bool
    }

    init(reactor: Reactor, limits: TransportLimits) {
        self.reactor = reactor
        self.limits = limits
    }

    /// Whether there are as many handshakes as there may be.
    package var isFull: Bool { slots.count >= limits.handshakesAtOnce }

    /// How many handshakes are under way.
    var count: Int { slots.count }

    // MARK: Places

    /// A handshake begins; if it was the last place, somebody else's becomes free.
    func enter(
        from address: SocketAddress?, giveWay: @escaping () -> Void
    ) -> HandshakeSlot {
        let slot = slots.add(
            AddressBlock(of: address), borneUntil: reactor.now + limits.firstWordPatience,
            giveWay: giveWay)
        makeRoom()
        return slot
    }

    /// A handshake has ended, well or badly.
    func leave(_ slot: HandshakeSlot) {
        let wasFull = isFull
        slots.remove(slot)
        if wasFull, !isFull {
            onRoom?()
        }
    }

    private func makeRoom() {
        while isFull {
            guard let slot = slots.mostExpendable(at: reactor.now) else { return lookLater() }
            let before = slots.count
            slot.giveWay()
            precondition(slots.count < before, "it did not give way")
        }
    }

    /// Who is not silent for long enough yet will be.
    private func lookLater() {
        guard lookTimer == nil, let next = slots.nextExpiry else { return }
        lookTimer = reactor.schedule(after: next - reactor.now) { [weak self] in
            self?.lookTimer = nil
            self?.makeRoom()
        }
    }

    // MARK: Turns

    /// Runs a step of a handshake now, or in a later turn if there were many in this one.
    ///
    /// - Parameters:
    ///   - slot: whose step.
    ///   - action: answers whether the client was told something that it has to answer in its turn.
    func takeTurn(_ slot: HandshakeSlot, _ action: @escaping () -> Bool) {
        slots.heard(slot)
        let step = Step(slot: slot, action: action)
        guard waitingSteps.isEmpty, stepsThisTurn < limits.handshakeStepsPerTurn else {
            waitingSteps.append(step)
            return
        }
        run(step)
    }

    private func run(_ step: Step) {
        if stepsThisTurn == 0 {
            reactor.atEndOfTurn { self.beginTurn() }
        }
        stepsThisTurn += 1
        let isAnswered = step.action()
        let borneUntil = isAnswered ? reactor.now + limits.nextWordPatience : nil
        slots.lookedAt(step.slot, borneUntil: borneUntil)
        makeRoom()
    }

    /// Runs steps that were held back; the first of them asks for the end of the next turn.
    private func beginTurn() {
        stepsThisTurn = 0
        let due = waitingSteps.prefix(limits.handshakeStepsPerTurn)
        waitingSteps.removeFirst(due.count)
        for step in due { run(step) }
    }
}
