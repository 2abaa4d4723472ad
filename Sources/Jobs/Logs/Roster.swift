/// A set of objects that are met in an order of comings and goings only.
///
/// A `Set` orders its members by where they lie in memory: two runs that should be the same would
/// wake different followers first.
struct Roster<Member: AnyObject> {
    private var slots: ContiguousArray<Member?> = []
    private var free: ContiguousArray<Int> = []
    private var places: [ObjectIdentifier: Int] = [:]

    var isEmpty: Bool { places.isEmpty }

    /// Everybody, in the order of their places; who leaves makes room for who comes next.
    var members: [Member] { slots.compactMap { $0 } }

    func contains(_ member: Member) -> Bool {
        places[ObjectIdentifier(member)] != nil
    }

    mutating func insert(_ member: Member) {
        guard !contains(member) else { return }
        let place = free.popLast() ?? slots.count
        if place == slots.count { slots.append(member) } else { slots[place] = member }
        places[ObjectIdentifier(member)] = place
    }

    mutating func remove(_ member: Member) {
        guard let place = places.removeValue(forKey: ObjectIdentifier(member)) else { return }
        slots[place] = nil
        free.append(place)
    }
}
