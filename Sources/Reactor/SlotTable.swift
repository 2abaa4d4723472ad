/// Elements in reusable slots, each named by a ``Token`` that no later element ever matches.
///
/// Insertion and removal take constant time and, once the table has grown, no memory.
package struct SlotTable<Element> {
    private struct Slot {
        var generation: UInt32
        var element: Element?
    }

    private var slots: ContiguousArray<Slot> = []
    private var free: ContiguousArray<UInt32> = []

    /// Makes an empty table.
    package init() {}

    /// How many elements there are.
    package var count: Int { slots.count - free.count }

    /// Whether there are none.
    package var isEmpty: Bool { count == 0 }

    /// Keeps an element until the token is removed.
    package mutating func insert(_ element: Element) -> Token {
        guard let index = free.popLast() else {
            slots.append(Slot(generation: 0, element: element))
            return Token(index: UInt32(slots.count - 1), generation: 0)
        }
        slots[Int(index)].element = element
        return Token(index: index, generation: slots[Int(index)].generation)
    }

    /// Takes an element out; nil when the token is stale.
    @discardableResult
    package mutating func remove(_ token: Token) -> Element? {
        guard contains(token) else { return nil }
        let index = Int(token.index)
        let element = slots[index].element.take()
        // A generation comes round again after four billion uses of one slot; nothing is late
        // for that long.
        slots[index].generation &+= 1
        free.append(token.index)
        return element
    }

    /// Whether the token names an element that is still here.
    package func contains(_ token: Token) -> Bool {
        let index = Int(token.index)
        return index < slots.count && slots[index].generation == token.generation
            && slots[index].element != nil
    }
}
