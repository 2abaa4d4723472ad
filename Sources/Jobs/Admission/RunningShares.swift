/// What the jobs that run take of the quotas, each tenant's and all: pure.
struct RunningShares {
    /// A sum over some jobs, wider than what it adds up: three limits of 2⁶³ - 1 bytes would not fit.
    struct Share: Equatable {
        private(set) var count = 0
        private(set) var memory: UInt128 = 0
        private(set) var cpuMillis: UInt128 = 0

        mutating func add(_ demand: StartDemand) {
            count += 1
            memory += UInt128(demand.memory ?? 0)
            cpuMillis += UInt128(demand.cpuMillis ?? 0)
        }

        mutating func subtract(_ demand: StartDemand) {
            count -= 1
            memory -= UInt128(demand.memory ?? 0)
            cpuMillis -= UInt128(demand.cpuMillis ?? 0)
        }

        /// Whether one more fits into a quota.
        func hasRoom(for demand: StartDemand, in quota: StartQuota) -> Bool {
            Self.fits(UInt128(count), 1, quota.running.map(UInt64.init))
                && Self.fits(memory, demand.memory, quota.memory)
                && Self.fits(cpuMillis, demand.cpuMillis, quota.cpuMillis)
        }

        private static func fits(_ held: UInt128, _ more: UInt64?, _ most: UInt64?) -> Bool {
            guard let most else { return true }
            return held + UInt128(more ?? 0) <= UInt128(most)
        }
    }

    private(set) var all = Share()
    private var shares: [Tenant: Share] = [:]
    private var jobs: [JobID: (tenant: Tenant, demand: StartDemand)] = [:]

    /// The share of a tenant.
    func share(of tenant: Tenant) -> Share { shares[tenant] ?? Share() }

    /// A job takes its share.
    mutating func add(_ id: JobID, of tenant: Tenant, _ demand: StartDemand) {
        precondition(jobs[id] == nil, "a job takes its share once")
        jobs[id] = (tenant, demand)
        all.add(demand)
        shares[tenant, default: Share()].add(demand)
    }

    /// What a job takes; nil if it has no share.
    func demand(of id: JobID) -> StartDemand? { jobs[id]?.demand }

    /// A job takes another share, if it has one.
    mutating func change(_ id: JobID, to demand: StartDemand) {
        guard let tenant = jobs[id]?.tenant else { return }
        remove(id)
        add(id, of: tenant, demand)
    }

    /// A job gives its share back, if it has one.
    mutating func remove(_ id: JobID) {
        guard let (tenant, demand) = jobs.removeValue(forKey: id) else { return }
        all.subtract(demand)
        shares[tenant]?.subtract(demand)
        if shares[tenant]?.count == 0 { shares[tenant] = nil }
    }
}
