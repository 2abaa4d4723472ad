import Reactor

/// Who may start now, who has to wait, and who is sent away: pure.
struct StartGate {
    /// What all tenants may have together.
    let quota: StartQuota
    /// What one may have; it may be another one tomorrow.
    let quotaOf: (Viewer) -> StartQuota
    private(set) var queue = StartQueue()
    private var shares = RunningShares()
    private var meter: RateMeter?
    /// Tenants are people with certificates, and few.
    private var meters: [Tenant: RateMeter] = [:]

    init(quota: StartQuota, quotaOf: @escaping (Viewer) -> StartQuota) {
        self.quota = quota
        self.quotaOf = quotaOf
    }

    // MARK: Asking

    /// Whether a start may take place now; false: it has to wait.
    ///
    /// - Throws: Why it may not even wait.
    func admits(
        _ demand: StartDemand, of owner: Viewer, at now: Instant
    ) throws(JobError) -> Bool {
        let own = quotaOf(owner)
        try demand.check(within: own, of: .tenant)
        try demand.check(within: quota, of: .server)
        try check(meters[owner.tenant], own.rate, of: .tenant, at: now)
        try check(meter, quota.rate, of: .server, at: now)
        if queue.letsPass(owner.tenant, room), room(for: demand, of: owner) == .free { return true }
        try check(queue.count(of: owner.tenant), own.queued, of: .tenant)
        try check(queue.count, quota.queued, of: .server)
        return false
    }

    private func check(
        _ meter: RateMeter?, _ rate: StartRate?, of holder: QuotaHolder, at now: Instant
    ) throws(JobError) {
        guard let meter, let rate, let wait = meter.wait(at: now, rate) else { return }
        throw .rateLimited(holder, rate, wait: wait)
    }

    private func check(
        _ count: Int, _ most: Int?, of holder: QuotaHolder
    ) throws(JobError) {
        guard let most, count >= most else { return }
        throw .queueFull(holder, max: most)
    }

    private func room(_ entry: StartQueue.Entry) -> StartQueue.Room {
        room(for: entry.demand, of: entry.owner)
    }

    private func room(for demand: StartDemand, of owner: Viewer) -> StartQueue.Room {
        let own = shares.share(of: owner.tenant)
        guard own.hasRoom(for: demand, in: quotaOf(owner)) else { return .none }
        return shares.all.hasRoom(for: demand, in: quota) ? .free : .noneForAnyone
    }

    // MARK: Telling

    /// A start that was admitted counts against the rates.
    mutating func count(_ owner: Viewer, at now: Instant) {
        if let rate = quotaOf(owner).rate {
            meters[owner.tenant, default: RateMeter(at: now)].take(at: now, rate)
        }
        guard let rate = quota.rate else { return }
        var meter = meter ?? RateMeter(at: now)
        meter.take(at: now, rate)
        self.meter = meter
    }

    /// A job starts, or was found to run.
    mutating func start(_ id: JobID, of owner: Viewer, _ demand: StartDemand) {
        shares.add(id, of: owner.tenant, demand)
    }

    /// A job waits.
    mutating func enqueue(_ id: JobID, of owner: Viewer, _ demand: StartDemand) {
        queue.insert(StartQueue.Entry(id: id, owner: owner, demand: demand))
    }

    /// The next job that waited and may start; it has its share from now on.
    ///
    /// One that is not ready, and so no other of its tenant, is passed over.
    mutating func next(isReady: (JobID) -> Bool) -> JobID? {
        guard let entry = queue.next({ isReady($0.id) ? room($0) : .none }) else { return nil }
        queue.takeTurn(entry)
        start(entry.id, of: entry.owner, entry.demand)
        return entry.id
    }

    /// A job waits no more, and does not start either.
    mutating func waitNoMore(_ id: JobID, of tenant: Tenant) {
        queue.remove(id, of: tenant)
    }

    /// A job waits no more, or has ended.
    mutating func leave(_ id: JobID, of tenant: Tenant) {
        queue.remove(id, of: tenant)
        shares.remove(id)
    }
}

extension StartDemand {
    /// Refuses what would not fit even if nothing else ran.
    fileprivate func check(
        within quota: StartQuota, of holder: QuotaHolder
    ) throws(JobError) {
        if quota.running == 0 { throw .quotaTooSmall(holder, .running, asked: 1, max: 0) }
        try check(.memory, memory, quota.memory, of: holder)
        try check(.cpu, cpuMillis, quota.cpuMillis, of: holder)
    }

    /// A job without a limit could take all there is, and more.
    private func check(
        _ resource: QuotaResource, _ asked: UInt64?, _ most: UInt64?, of holder: QuotaHolder
    ) throws(JobError) {
        guard let most, asked == nil || asked.map({ $0 > most }) == true else { return }
        throw .quotaTooSmall(holder, resource, asked: asked, max: most)
    }
}
