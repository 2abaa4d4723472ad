import Reactor

/// Who may start now, who has to wait, and who is sent away: pure.
struct StartGate {
    /// What all tenants may have together.
    let quota: StartQuota
    /// What one may have; it may be another one tomorrow.
    let quotaOf: (Viewer) -> StartQuota
    private let limits: JobLimits
    private(set) var queue = StartQueue()
    private var shares = RunningShares()
    private var meter: RateMeter?
    /// Tenants are people with certificates, and few.
    private var meters: [Tenant: RateMeter] = [:]

    init(
        quota: StartQuota, quotaOf: @escaping (Viewer) -> StartQuota,
        limits: JobLimits = JobLimits()
    ) {
        self.quota = quota
        self.quotaOf = quotaOf
        self.limits = limits
    }

    // MARK: Asking

    /// Whether a start may take place now; false: it has to wait, and its specification, of so many
    /// bytes, is held meanwhile.
    ///
    /// - Throws: Why it may not even wait.
    func admits(
        _ demand: StartDemand, of owner: Viewer, byteCount: Int = 0, at now: Instant
    ) throws(JobError) -> Bool {
        let own = quotaOf(owner)
        try check(demand, of: owner)
        try check(meters[owner.tenant], own.rate, of: .tenant, at: now)
        try check(meter, quota.rate, of: .server, at: now)
        if queue.letsPass(owner.tenant, room), room(for: demand, of: owner) == .free { return true }
        try check(queue.count(of: owner.tenant), own.queued, of: .tenant)
        try check(queue.count, quota.queued, of: .server)
        try check(
            queue.byteCount(of: owner.tenant) + byteCount, within: limits.queuedBytesPerTenant,
            of: .tenant)
        try check(queue.byteCount + byteCount, within: limits.queuedBytes, of: .server)
        return false
    }

    /// Refuses what would wait for ever, even if nothing else ran.
    func check(_ demand: StartDemand, of owner: Viewer) throws(JobError) {
        try demand.check(within: quotaOf(owner), of: .tenant)
        try demand.check(within: quota, of: .server)
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

    private func check(
        _ byteCount: Int, within most: Int, of holder: QuotaHolder
    ) throws(JobError) {
        guard byteCount > most else { return }
        throw .queueTooLarge(holder, bytesMax: most)
    }

    private func room(_ entry: StartQueue.Entry) -> StartQueue.Room {
        room(for: entry.demand, of: entry.owner)
    }

    private func room(for demand: StartDemand, of owner: Viewer) -> StartQueue.Room {
        let own = shares.share(of: owner.tenant)
        guard own.hasRoom(for: demand, in: quotaOf(owner)) else { return .none }
        return shares.all.hasRoom(for: demand, in: quota) ? .free : .noneForAnyone
    }

    // MARK: Changing

    /// A job that runs is to have other limits.
    ///
    /// It has the larger of both shares until ``settle(_:_:)``. What does not grow is never refused,
    /// even if a quota has become too small for it.
    ///
    /// - Throws: Why it cannot take more.
    mutating func change(
        _ id: JobID, of owner: Viewer, to demand: StartDemand
    ) throws(JobError) {
        guard let old = shares.demand(of: id) else { return }
        let own = shares.share(of: owner.tenant)
        try own.check(old, becoming: demand, within: quotaOf(owner), of: .tenant)
        try shares.all.check(old, becoming: demand, within: quota, of: .server)
        shares.change(id, to: demand.larger(old))
    }

    /// A job that runs has these limits from now on.
    mutating func settle(_ id: JobID, _ demand: StartDemand) {
        shares.change(id, to: demand)
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
    mutating func enqueue(
        _ id: JobID, of owner: Viewer, _ demand: StartDemand, byteCount: Int = 0
    ) {
        queue.insert(
            StartQueue.Entry(id: id, owner: owner, demand: demand, byteCount: byteCount))
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

extension RunningShares.Share {
    /// Refuses a job what it wants to have more of and does not fit beside what the others have.
    fileprivate func check(
        _ old: StartDemand, becoming new: StartDemand, within quota: StartQuota,
        of holder: QuotaHolder
    ) throws(JobError) {
        try check(.memory, old.memory, new.memory, memory, quota.memory, holder)
        try check(.cpu, old.cpuMillis, new.cpuMillis, cpuMillis, quota.cpuMillis, holder)
    }

    /// What had no limit cannot grow, and what has none any more has grown.
    private func check(
        _ resource: QuotaResource, _ old: UInt64?, _ new: UInt64?, _ held: UInt128,
        _ most: UInt64?, _ holder: QuotaHolder
    ) throws(JobError) {
        guard let most, let old, new.map({ $0 > old }) ?? true else { return }
        guard let new, new <= most else {
            throw .quotaTooSmall(holder, resource, asked: new, max: most)
        }
        let free = most - UInt64(min(held - UInt128(old), UInt128(most)))
        guard new <= free else {
            throw .quotaUsedUp(holder, resource, asked: new, free: free)
        }
    }
}

extension StartDemand {
    /// The larger of two in each respect; what has no limit counts nothing.
    fileprivate func larger(_ other: StartDemand) -> StartDemand {
        StartDemand(
            memory: [memory, other.memory].compactMap { $0 }.max(),
            cpuMillis: [cpuMillis, other.cpuMillis].compactMap { $0 }.max())
    }
}
