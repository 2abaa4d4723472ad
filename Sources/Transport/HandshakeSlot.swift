import Reactor

/// The place of one handshake at the gate.
final class HandshakeSlot {
    /// In the order of their coming.
    let number: Int

    /// Those of one address block.
    let crowd: Crowd

    /// How long the client may be silent before others may have its place.
    fileprivate(set) var borneUntil: Instant

    /// Whether what it sent has not been looked at: then the silence is ours.
    fileprivate(set) var isOurTurn = false

    /// Ends the handshake for the sake of others; the slot is free when it returns.
    let giveWay: () -> Void

    /// All handshakes of one address block.
    final class Crowd {
        let block: AddressBlock
        fileprivate(set) var count = 0

        init(_ block: AddressBlock) {
            self.block = block
        }
    }

    init(_ number: Int, in crowd: Crowd, borneUntil: Instant, giveWay: @escaping () -> Void) {
        self.number = number
        self.crowd = crowd
        self.borneUntil = borneUntil
        self.giveWay = giveWay
    }

    /// Whether others may have the place.
    func isExpendable(at now: Instant) -> Bool {
        !isOurTurn && borneUntil <= now
    }
}

/// The handshakes that are under way, and which of them to give up first.
struct HandshakeSlots {
    private var slots: [Int: HandshakeSlot] = [:]
    private var nextNumber = 0
    private var crowds: [AddressBlock: HandshakeSlot.Crowd] = [:]

    var count: Int { slots.count }

    /// Takes a place for a client of that block.
    mutating func add(
        _ block: AddressBlock, borneUntil: Instant, giveWay: @escaping () -> Void
    ) -> HandshakeSlot {
        let crowd = crowds[block] ?? HandshakeSlot.Crowd(block)
        crowds[block] = crowd
        crowd.count += 1
        let slot = HandshakeSlot(
            nextNumber, in: crowd, borneUntil: borneUntil, giveWay: giveWay)
        slots[slot.number] = slot
        nextNumber += 1
        return slot
    }

    /// Frees a place.
    mutating func remove(_ slot: HandshakeSlot) {
        let removed = slots.removeValue(forKey: slot.number)
        precondition(removed != nil, "a handshake ended twice")
        slot.crowd.count -= 1
        if slot.crowd.count == 0 { crowds[slot.crowd.block] = nil }
    }

    /// The client has sent something.
    func heard(_ slot: HandshakeSlot) {
        slot.isOurTurn = true
    }

    /// What it sent was looked at; silence before its next word is borne until then, or, if it
    /// said nothing that could be answered, no longer than before.
    func lookedAt(_ slot: HandshakeSlot, borneUntil: Instant?) {
        slot.isOurTurn = false
        if let borneUntil { slot.borneUntil = borneUntil }
    }

    /// Of the address block that has most, whoever has been silent for longest: so nobody can push
    /// anybody else out by coming often.
    func mostExpendable(at now: Instant) -> HandshakeSlot? {
        slots.values.lazy.filter { $0.isExpendable(at: now) }.max {
            ($0.crowd.count, $1.borneUntil, $1.number) < ($1.crowd.count, $0.borneUntil, $0.number)
        }
    }

    /// When somebody will be expendable, if only time has to pass.
    var nextExpiry: Instant? {
        slots.values.lazy.filter { !$0.isOurTurn }.map(\.borneUntil).min()
    }
}
