import Simulator
import Testing

@testable import Jobs

/// Who is next: a table of small queues, and properties of large ones drawn from seeds.
@Suite struct StartQueueTests {
    typealias Entry = StartQueue.Entry

    static func viewer(_ name: Character) -> Viewer {
        Viewer(tenant: Tenant(name: String(name)), isAdmin: false)
    }

    /// `a1` is job 1 of tenant a.
    static func entry(_ name: String) -> Entry {
        let tenant = name.first ?? "?"
        return Entry(
            id: Specimen.id(UInt64(name.dropFirst()) ?? 0), owner: viewer(tenant),
            demand: StartDemand())
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let came: String
        var full = ""
        var blocked = ""
        let go: String

        init(
            _ title: String, _ came: String, full: String = "", blocked: String = "", go: String
        ) {
            testDescription = title
            self.came = came
            self.full = full
            self.blocked = blocked
            self.go = go
        }
    }

    static let rows = [
        Row("nobody waits", "", go: ""),
        Row("one tenant, in order", "a1 a2 a3", go: "a1 a2 a3"),
        Row("tenants take turns", "a1 a2 a3 b4 c5 b6", go: "a1 b4 c5 a2 b6 a3"),
        Row(
            "who comes late does not wait for a whole line", "a1 a2 a3 a4 b5", go: "a1 b5 a2 a3 a4"),
        Row("one that comes back stands where it stood", "a2 a3 a1", go: "a1 a2 a3"),
        Row("a tenant that is full is passed over", "a1 b2 a3 b4", full: "a", go: "b2 b4"),
        Row("what is too large for now holds up all", "a1 b2 b3", blocked: "a1", go: ""),
        Row("and is not held up itself", "a1 b2 b3 c4", blocked: "b2", go: "a1"),
    ]

    private func room(_ entry: Entry, _ row: Row) -> StartQueue.Room {
        if row.full.contains(where: { Self.viewer($0) == entry.owner }) { return .none }
        return row.blocked.split(separator: " ").map { Self.entry(String($0)).id }
            .contains(entry.id) ? .noneForAnyone : .free
    }

    @Test(arguments: rows) func `they go in turn`(row: Row) {
        var queue = StartQueue()
        for name in row.came.split(separator: " ") { queue.insert(Self.entry(String(name))) }
        for name in row.go.split(separator: " ") {
            let next = queue.next { room($0, row) }
            #expect(next == Self.entry(String(name)))
            if let next { queue.takeTurn(next) }
        }
        #expect(queue.next { room($0, row) } == nil)
    }

    @Test func `one that waits no more is in nobody's way`() {
        var queue = StartQueue()
        for name in ["a1", "a2", "b3"] { queue.insert(Self.entry(name)) }
        let first = Self.entry("a1")
        #expect(queue.remove(first.id, of: first.owner.tenant) == first)
        #expect(queue.remove(first.id, of: first.owner.tenant) == nil)
        #expect(queue.count == 2)
        #expect(queue.position(of: Self.entry("a2").id, of: first.owner.tenant) == 1)
        #expect(queue.position(of: first.id, of: first.owner.tenant) == nil)
    }

    @Test func `who waits for its own tenant only lets others pass`() {
        var queue = StartQueue()
        queue.insert(Self.entry("a1"))
        let (own, other) = (Self.viewer("a").tenant, Self.viewer("b").tenant)
        #expect(queue.letsPass(other) { _ in .none })
        #expect(!queue.letsPass(other) { _ in .noneForAnyone })
        #expect(!queue.letsPass(other) { _ in .free })
        #expect(!queue.letsPass(own) { _ in .none })
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `positions come true, lines keep their order, and nobody goes twice before another`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        var queue = StartQueue()
        var waiting: [Entry] = []
        for number in 1...Int.random(in: 1...40, using: &random) {
            let tenant = "abcde".randomElement(using: &random) ?? "a"
            let entry = Self.entry("\(tenant)\(number)")
            queue.insert(entry)
            waiting.append(entry)
            guard Int.random(in: 0..<5, using: &random) == 0 else { continue }
            let gone = waiting.remove(at: .random(in: 0..<waiting.count, using: &random))
            queue.remove(gone.id, of: gone.owner.tenant)
        }
        let promised = waiting.map { queue.position(of: $0.id, of: $0.owner.tenant) }
        let waitingAtFirst = Set(waiting.map(\.owner))
        var order: [Entry] = []
        while let next = queue.next({ _ in .free }) {
            queue.takeTurn(next)
            order.append(next)
        }
        #expect(queue.count == 0)
        #expect(promised == waiting.map { job in order.firstIndex(of: job).map { $0 + 1 } })
        #expect(Set(order.prefix(waitingAtFirst.count).map(\.owner)) == waitingAtFirst)
        for owner in waitingAtFirst {
            let line = order.filter { $0.owner == owner }.map(\.id)
            #expect(line == line.sorted())
        }
    }
}
