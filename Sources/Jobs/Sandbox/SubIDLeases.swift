/// Who has which users of the host while jobs of theirs run in a sandbox.
///
/// A tenant has one range for all jobs at a time, and no two have the same: what a job leaves in
/// memory that others may reach, or in limits that the kernel counts for each user, is its tenant's
/// alone. Each job's record names its range, so that the next life of the supervisor knows.
struct SubIDLeases {
    /// User and group 0 to 65,535 of a job, as programs expect them; nobody is 65,534.
    static let rangeSize: UInt32 = 65_536

    /// The first number of the first range.
    private let base: UInt32
    private let rangesMax: UInt32
    /// By their first number.
    private var leases: [UInt32: Lease] = [:]

    private struct Lease {
        let tenant: Tenant
        var jobs: Int
    }

    /// Gives out ranges from `base` on, to at most `rangesMax` tenants at a time.
    init(base: UInt32, rangesMax: UInt32) {
        precondition(UInt64(base) + UInt64(rangesMax) * UInt64(Self.rangeSize) < UInt64(UInt32.max))
        self.base = base
        self.rangesMax = rangesMax
    }

    /// How many ranges are somebody's.
    var count: Int { leases.count }

    /// The range of a tenant that starts one more job: the first that is free; nil if none is.
    mutating func take(for tenant: Tenant) -> UInt32? {
        guard let first = leases.keys.filter({ leases[$0]?.tenant == tenant }).min() ?? firstFree
        else { return nil }
        adopt(first, for: tenant)
        return first
    }

    /// The first range that shares no number with one that is somebody's: those of an earlier life
    /// need not begin where today's do.
    private var firstFree: UInt32? {
        let taken = leases.keys.sorted()
        return (0..<rangesMax).lazy.map { [base] in base + $0 * Self.rangeSize }.first { first in
            let next = taken.firstIndex { $0 + (Self.rangeSize - 1) >= first }
            return next.map { taken[$0] > first + (Self.rangeSize - 1) } ?? true
        }
    }

    /// Counts a job that has its range already; if that is another tenant's, it stays so.
    mutating func adopt(_ first: UInt32, for tenant: Tenant) {
        leases[first, default: Lease(tenant: tenant, jobs: 0)].jobs += 1
    }

    /// One job of a range fewer; with the last one the range is free.
    mutating func giveBack(_ first: UInt32) {
        guard let lease = leases[first] else { preconditionFailure("no lease to give back") }
        if lease.jobs == 1 {
            leases[first] = nil
        } else {
            leases[first]?.jobs -= 1
        }
    }
}

extension SubIDLeases {
    /// The first number of the range that a process has, by its map, user_namespaces(7); nil if it
    /// has none.
    static func range(ofMap text: String) -> UInt32? {
        let words = text.split { $0 == " " || $0 == "\n" }.map { UInt32($0) }
        guard words.count == 3, words[0] == 0, words[2] == rangeSize else { return nil }
        return words[1]
    }
}
