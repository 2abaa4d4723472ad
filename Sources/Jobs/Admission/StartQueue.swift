import DequeModule

/// Jobs that wait for others to end.
///
/// Tenants take turns, and the jobs of one go in the order in which they came. Pure.
struct StartQueue {
    /// One job that waits.
    struct Entry: Equatable {
        let id: JobID
        let owner: Viewer
        let demand: StartDemand
        /// What it takes in memory while it waits.
        var byteCount = 0
    }

    /// What a job waits for.
    enum Room: Equatable {
        /// For nothing.
        case free
        /// For something of its tenant's: others may go first.
        case none
        /// For something that all share: nobody goes first, or what is large would wait for ever.
        case noneForAnyone
    }

    private var lines: [Tenant: Deque<Entry>] = [:]
    /// Whose turn it is; those with a line, each once.
    private var turns: Deque<Tenant> = []
    /// How many jobs wait.
    private(set) var count = 0
    /// What they take in memory, and those of each tenant.
    private(set) var byteCount = 0
    private var byteCounts: [Tenant: Int] = [:]

    /// Those that wait, oldest first.
    var ids: [JobID] { lines.values.joined().map(\.id).sorted() }

    /// What those of a tenant take in memory.
    func byteCount(of tenant: Tenant) -> Int { byteCounts[tenant] ?? 0 }

    /// How many jobs of a tenant wait.
    func count(of tenant: Tenant) -> Int { lines[tenant]?.count ?? 0 }

    /// Lets a job wait, behind the older ones of its tenant.
    mutating func insert(_ entry: Entry) {
        let tenant = entry.owner.tenant
        if lines[tenant] == nil { turns.append(tenant) }
        let place = lines[tenant]?.place(of: entry.id) ?? 0
        lines[tenant, default: []].insert(entry, at: place)
        count += 1
        byteCount += entry.byteCount
        byteCounts[tenant, default: 0] += entry.byteCount
    }

    /// Lets a job wait no more, if it does.
    @discardableResult
    mutating func remove(_ id: JobID, of tenant: Tenant) -> Entry? {
        guard let line = lines[tenant] else { return nil }
        let place = line.place(of: id)
        guard place < line.count, line[place].id == id else { return nil }
        return take(place, of: tenant)
    }

    /// How many jobs are started before this one, and one more, as things stand; nil if it does not
    /// wait.
    ///
    /// Before the n-th job of a line, every tenant whose turn is sooner has n, and every other one
    /// n - 1, as far as they have so many.
    func position(of id: JobID, of tenant: Tenant) -> Int? {
        guard let line = lines[tenant], let turn = turns.firstIndex(of: tenant) else { return nil }
        let place = line.place(of: id)
        guard place < line.count, line[place].id == id else { return nil }
        return turns.enumerated().reduce(1) { sum, other in
            let isSooner = other.offset < turn
            let ahead = place + (isSooner ? 1 : 0)
            return sum + (other.element == tenant ? place : min(count(of: other.element), ahead))
        }
    }

    /// The next job to be started.
    func next(_ room: (Entry) -> Room) -> Entry? {
        for tenant in turns {
            guard let first = lines[tenant]?.first else { continue }
            switch room(first) {
            case .free: return first
            case .none: continue
            case .noneForAnyone: return nil
            }
        }
        return nil
    }

    /// Takes a job out that is to be started; its tenant's next turn is the last.
    mutating func takeTurn(_ entry: Entry) {
        let tenant = entry.owner.tenant
        guard remove(entry.id, of: tenant) != nil, lines[tenant] != nil else { return }
        turns.removeAll { $0 == tenant }
        turns.append(tenant)
    }

    /// Whether one who comes now may go first: nobody waits but for something of its own tenant's.
    func letsPass(_ tenant: Tenant, _ room: (Entry) -> Room) -> Bool {
        lines[tenant] == nil
            && lines.values.allSatisfy { $0.first.map { room($0) == .none } != false }
    }

    private mutating func take(_ place: Int, of tenant: Tenant) -> Entry? {
        guard let entry = lines[tenant]?.remove(at: place) else { return nil }
        count -= 1
        byteCount -= entry.byteCount
        byteCounts[tenant, default: 0] -= entry.byteCount
        if lines[tenant]?.isEmpty == true {
            (lines[tenant], byteCounts[tenant]) = (nil, nil)
            turns.removeAll { $0 == tenant }
        }
        return entry
    }
}

extension Deque<StartQueue.Entry> {
    /// Where a job of that identifier stands, or would stand.
    fileprivate func place(of id: JobID) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
