/// What the jobs that run take of the quotas, each tenant's and all: pure.
struct RunningShares {
    /// A sum over some jobs.
    struct Share: Equatable {
        private(set) var count = 0
        private(set) var memory: UInt64 = 0
        private(set) var cpuMillis: UInt64 = 0

        mutating func add(_ demand: StartDemand) {
            count += 1
            memory += demand.memory ?? 0
            cpuMillis += demand.cpuMillis ?? 0
        }

        mutating func subtract(_ demand: StartDemand) {
            count -= 1
            memory -= demand.memory ?? 0
            cpuMillis -= demand.cpuMillis ?? 0
        }

        /// Whether one more fits into a quota.
        func hasRoom(for demand: StartDemand, in quota: StartQuota) -> Bool {
            Self.fits(count, 1, quota.running) && Self.fits(memory, demand.memory, quota.memory)
                && Self.fits(cpuMillis, demand.cpuMillis, quota.cpuMillis)
        }

        private static func fits<Number: FixedWidthInteger>(
            _ held: Number, _ more: Number?, _ most: Number?
        ) -> Bool {
            guard let most else { return true }
            let sum = held.addingReportingOverflow(more ?? 0)
            return !sum.overflow && sum.partialValue <= most
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

    /// A job gives its share back, if it has one.
    mutating func remove(_ id: JobID) {
        guard let (tenant, demand) = jobs.removeValue(forKey: id) else { return }
        all.subtract(demand)
        shares[tenant]?.subtract(demand)
        if shares[tenant]?.count == 0 { shares[tenant] = nil }
    }
}
