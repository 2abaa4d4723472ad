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
    private var leases: [Tenant: Lease] = [:]

    private struct Lease {
        let first: UInt32
        var jobs: Int
    }

    /// Gives out ranges from `base` on, to at most `rangesMax` tenants at a time.
    init(base: UInt32, rangesMax: UInt32) {
        precondition(UInt64(base) + UInt64(rangesMax) * UInt64(Self.rangeSize) < UInt64(UInt32.max))
        self.base = base
        self.rangesMax = rangesMax
    }

    /// How many tenants have a range.
    var count: Int { leases.count }

    /// The range of a tenant that starts one more job: the first that is free; nil if none is.
    mutating func take(for tenant: Tenant) -> UInt32? {
        if let lease = leases[tenant] {
            leases[tenant]?.jobs += 1
            return lease.first
        }
        let taken = Set(leases.values.map(\.first))
        let free = (0..<rangesMax).lazy.map { [base] in base + $0 * Self.rangeSize }
            .first { !taken.contains($0) }
        guard let free else { return nil }
        leases[tenant] = Lease(first: free, jobs: 1)
        return free
    }

    /// Counts a job of an earlier life, which has its range already.
    mutating func adopt(_ first: UInt32, for tenant: Tenant) {
        leases[tenant, default: Lease(first: first, jobs: 0)].jobs += 1
    }

    /// One job fewer; with the last one the range is free.
    mutating func giveBack(from tenant: Tenant) {
        guard let lease = leases[tenant] else { preconditionFailure("no lease to give back") }
        if lease.jobs == 1 {
            leases[tenant] = nil
        } else {
            leases[tenant]?.jobs -= 1
        }
    }
}
