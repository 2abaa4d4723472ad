import Reactor

/// A set of objects that are met in an order of comings and goings only.
///
/// A `Set` orders its members by where they lie in memory: two runs that should be the same would
/// wake different followers first.
struct Roster<Member: AnyObject> {
    private var slots = SlotTable<Member>()
    private var places: [ObjectIdentifier: Token] = [:]

    var isEmpty: Bool { slots.isEmpty }

    /// Everybody, in the order of their places; who leaves makes room for who comes next.
    var members: some Sequence<Member> { slots.elements }

    func contains(_ member: Member) -> Bool {
        places[ObjectIdentifier(member)] != nil
    }

    mutating func insert(_ member: Member) {
        guard !contains(member) else { return }
        places[ObjectIdentifier(member)] = slots.insert(member)
    }

    mutating func remove(_ member: Member) {
        guard let place = places.removeValue(forKey: ObjectIdentifier(member)) else { return }
        slots.remove(place)
    }
}
