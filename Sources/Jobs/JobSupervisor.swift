package import Logging
package import Reactor

/// Everything about jobs, behind one door: starts them, stops them, finds them, follows them.
///
/// One supervisor owns one state directory. It runs on the loop it was made for, and so does every
/// closure handed to it.
package final class JobSupervisor {
    package let reactor: Reactor
    let limits: JobLimits
    let logger: Logger
    let host: JobHost
    var table = JobTable()
    var live: [JobID: LiveJob] = [:]
    let endRecorder: EndRecorder
    let limitPolicy: LimitPolicy
    /// Those that jobs get, where any can be made.
    let groups: ControlGroups?
    var sandboxes: Sandboxes
    /// What jobs can have for a root directory.
    package let images: ImageStore
    let networks: PrivateNetworks
    let usageSampling: UsageSampling

    private let lock: StateLock
    let launcher: ShimLauncher
    let buffers: FollowerBuffers
    private var identifiers = JobIDMaker()
    private var ledger: RequestLedger
    private var lastWaiter: UInt64 = 0
    private(set) var isDraining = false
    /// Whether jobs are still being found that run, and count against the quotas.
    private(set) var isRecovering = false
    var admission: StartAdmission
    var gate: StartGate
    /// When those who wait for others to end are looked at again.
    var queueTimer: TimerID?
    /// What retention does not keep goes by itself.
    private(set) var pruning: Pruning?

    /// Takes over a state directory.
    ///
    /// - Parameters:
    ///   - reactor: The loop.
    ///   - stateDirectory: Made if it is missing; its parent must be there.
    ///   - shimPath: The program `cmdctl-shim`.
    ///   - records: Where jobs are on record.
    ///   - limits: Sizes and times.
    ///   - limitPolicy: What jobs may take.
    ///   - network: What the operator decides about private networks.
    ///   - quota: What all tenants may have together.
    ///   - quotaOf: What one of them may have.
    ///   - logger: What to tell the operator through.
    ///   - shimEnvironment: The whole environment of shims; for tests.
    ///   - reached: Told of each step, on the loop or on a worker; for tests that end it there.
    /// - Throws: ``JobError/stateDirectoryInUse(path:holder:)`` when another supervisor has it, and
    ///   ``JobError/storageUnavailable(path:problem:)`` when it cannot be used.
    package init(
        reactor: Reactor, stateDirectory: String, shimPath: String, records: any Records,
        limits: JobLimits = JobLimits(), limitPolicy: LimitPolicy = LimitPolicy(),
        network: NetworkSettings = .standard, quota: StartQuota = StartQuota(),
        quotaOf: @escaping (Viewer) -> StartQuota = { _ in StartQuota() }, logger: Logger,
        shimEnvironment: [String] = [],
        reached: @escaping @Sendable (StopPoint) -> Void = { _ in }
    ) throws(JobError) {
        let kernel = reactor.kernel
        let facts = HostFacts(of: kernel)
        self.reactor = reactor
        self.limits = limits
        self.limitPolicy = limitPolicy
        self.logger = logger
        sandboxes = Sandboxes(facts: facts, limits: limits)
        usageSampling = UsageSampling(reactor: reactor, limits: limits)
        networks = PrivateNetworks(
            network, facts: facts, stateDirectory: stateDirectory, limits: limits,
            reactor: reactor, logger: logger)
        lock = try StateLock(of: stateDirectory, kernel: kernel, processID: facts.processID)
        do {
            let directory = try LogDirectory(path: "\(stateDirectory)/logs", kernel: kernel)
            groups = try ControlGroups(
                limitPolicy, facts: facts, kernel: kernel, logger: logger)
            let watcher = LogWatcher(
                reactor: reactor, tick: limits.hotLogTick, longRound: limits.hotLogLongRound,
                logger: logger)
            let null = HeldFile(try kernel.openFile("/dev/null", flags: .readWrite))
            images = ImageStore(
                in: "\(stateDirectory)/images", reactor: reactor, shimPath: shimPath, null: null,
                facts: facts, limits: limits, logger: logger)
            launcher = ShimLauncher(
                shimPath: shimPath, directory: directory, groups: groups, facts: facts,
                sandboxes: sandboxes.planner, images: images.directory, null: null,
                networks: networks.planner, reactor: reactor,
                limits: limits, environment: shimEnvironment, reached: reached)
            host = JobHost(
                reactor: reactor, limits: limits, logger: logger, records: records,
                directory: directory,
                openLogs: OpenLogs(directory: directory, watcher: watcher),
                housekeeper: Housekeeper(
                    reactor: reactor, limits: limits, logger: logger, directory: directory,
                    stragglers: Stragglers(
                        kernel: kernel, processID: facts.processID, userID: facts.userID)),
                facts: facts, reached: reached)
        } catch let error as JobError {
            throw error
        } catch {
            throw .storageUnavailable(path: stateDirectory, problem: "\(error)")
        }
        endRecorder = EndRecorder(
            records: records, reactor: reactor, limits: limits, logger: logger)
        (buffers, ledger) = (FollowerBuffers(limits: limits), RequestLedger(limits: limits))
        admission = StartAdmission(limits: limits)
        gate = StartGate(quota: quota, quotaOf: quotaOf, limits: limits)
        shareDescriptors()
        pruning = makePruning()
    }

    private func makePruning() -> Pruning {
        Pruning(
            reactor: reactor, directory: host.directory, limits: limits, logger: logger,
            living: { [weak self] in (self?.live.keys).map { $0.sorted() } ?? [] },
            bound: { [weak self] id, bytes in self?.live[id]?.boundLog(to: bytes) },
            delete: { [weak self] id, then in
                guard let self, let job = table[id], !job.isHidden else {
                    return then(.success(()))
                }
                delete(job, then: then)
            })
    }

    // MARK: Recovering

    /// Takes over what earlier supervisors left: adopts jobs that live, learns how others ended, and
    /// sweeps up behind those that were lost.
    ///
    /// To be called once, before anything else is asked; `then` is told when everything can be.
    package func recover(then: @escaping (Result<Void, JobError>) -> Void) {
        isRecovering = true
        images.load { [self] in
            Recovery(of: self) { [self] result in
                isRecovering = false
                if case .success = result { beginPruning() }
                then(result)
            }.begin()
        }
    }

    private func beginPruning() {
        let ended = table.all.lazy.filter { $0.hasEnded && !$0.isHidden }
            .map { ($0.id, $0.endedAt ?? $0.createdAt) }
        pruning?.begin(with: ended.sorted { $0.1 < $1.1 })
    }

    /// Takes in what is known from before, oldest first; what jobs without an end had is theirs still.
    func fill(with jobs: [Job], _ endless: [JobRecord], _ requests: [RecordedRequest]) {
        table.reserve(jobs.count)
        for job in jobs { table.insert(job) }
        for record in endless {
            sandboxes.adoptUsers(of: record)
            networks.adoptAddress(of: record)
        }
        let deleted = requests.lazy.map(\.jobID).max()
        identifiers = JobIDMaker(after: [jobs.last?.id, deleted].compactMap { $0 }.max())
        ledger = RequestLedger(limits: limits, recorded: requests)
    }

    // MARK: Starting

    /// Starts a job, or lets it wait for others to end.
    ///
    /// - Parameters:
    ///   - specification: What to run.
    ///   - owner: Whose job it will be.
    ///   - terms: What the owner is granted.
    ///   - requestID: Repeating a start with the same one gets the same answer and starts nothing.
    ///   - then: Told when the command runs or the job has to wait, or why neither is so; that may
    ///     be before `start` returns.
    package func start(
        _ specification: JobSpecification, owner: Viewer, terms: StartTerms = StartTerms(),
        requestID: String?, then: @escaping (Result<Job, JobError>) -> Void
    ) {
        let key = requestID.map { RequestLedger.Key(owner: owner.tenant, requestID: $0) }
        do throws(JobError) {
            if let key, let job = try job(for: key, specification) {
                return answerAgain(job, then)
            }
            try check(specification, terms)
        } catch {
            return then(.failure(error))
        }
        lookAtDevices(for: specification.limits, terms) { [self] devices in
            prepareNetwork(for: specification, devices, owner: owner, terms) { [self] prepared in
                if case .failure(let error) = prepared { return then(.failure(error)) }
                start(specification, devices, owner: owner, terms, key, then)
            }
        }
    }

    /// For whom is refused the host is not changed.
    private func prepareNetwork(
        for specification: JobSpecification, _ devices: BlockDevices?, owner: Viewer,
        _ terms: StartTerms, then: @escaping (Result<Void, JobError>) -> Void
    ) {
        guard specification.network == .private else { return then(.success(())) }
        do throws(JobError) {
            _ = try accept(specification, devices, owner: owner, terms, requestID: nil)
        } catch {
            return then(.failure(error))
        }
        networks.prepare(for: specification, then: then)
    }

    private func start(
        _ specification: JobSpecification, _ devices: BlockDevices?, owner: Viewer,
        _ terms: StartTerms, _ key: RequestLedger.Key?,
        _ then: @escaping (Result<Job, JobError>) -> Void
    ) {
        do throws(JobError) {
            // It may have come again while the host was looked at.
            if let key, let job = try job(for: key, specification) {
                return answerAgain(job, then)
            }
            var record = try accept(
                specification, devices, owner: owner, terms, requestID: key?.requestID)
            record.networkAddress = try networks.takeAddress(for: specification)
            do throws(JobError) {
                record.subIDBase = try sandboxes.takeUsers(for: specification, of: owner.tenant)
            } catch {
                if let address = record.networkAddress { networks.giveBack(address) }
                throw error
            }
            begin(record, specification, key, then)
        } catch {
            then(.failure(error))
        }
    }

    /// Starts nothing more from now on; everything else goes on.
    package func refuseStarts() {
        isDraining = true
        networks.close()
    }

    /// The job that was made for a request; nil when there was none.
    private func job(
        for key: RequestLedger.Key, _ specification: JobSpecification
    ) throws(JobError) -> Job? {
        guard let id = ledger.jobID(for: key) else { return nil }
        // One that is hidden and over is just being deleted.
        guard let job = table[id], !(job.isHidden && job.hasEnded) else {
            throw .jobDeleted(id, requestID: key.requestID)
        }
        guard job.specification?.isIdentical(to: specification) == true else {
            throw .requestIDReused(requestID: key.requestID)
        }
        return job
    }

    private func answerAgain(_ job: Job, _ then: @escaping (Result<Job, JobError>) -> Void) {
        // One that is hidden is to wait and not on record yet.
        if let liveJob = live[job.id], job.life.isStarting || job.isHidden {
            return liveJob.onStart(then)
        }
        guard let failure = job.startFailure else { return then(.success(job)) }
        then(.failure(.startFailed(job.id, failure)))
    }

    /// Refuses what can be refused without a look at the host, which costs more and could hang.
    func check(_ specification: JobSpecification, _ terms: StartTerms) throws(JobError) {
        guard !isDraining else { throw .draining }
        let problems = specification.validate()
        guard problems.isEmpty else { throw .invalidSpecification(problems) }
        // Who asks for what nobody can have here is not to be told of a policy.
        try sandboxes.check(specification)
        try terms.permissions.check(specification)
    }

    /// What goes on record of a job that passed ``check(_:_:)``, if there is room for it.
    func accept(
        _ specification: JobSpecification, _ devices: BlockDevices?, owner: Viewer,
        _ terms: StartTerms, requestID: String?
    ) throws(JobError) -> JobRecord {
        guard !isDraining else { throw .draining }
        try checkImage(of: specification, within: terms.permissions)
        if let name = specification.name,
            let other = table.liveJob(named: name, of: owner.tenant)
        {
            throw .nameTaken(name: name, by: other.id)
        }
        let grant = try grant(specification.limits, devices, terms)
        let demand = StartDemand(grant.limits)
        let startsNow = try gate.admits(
            demand, of: owner, byteCount: specification.byteCount, at: reactor.now)
        if startsNow { try admission.check(specification, beside: holdings) }
        let kernel = reactor.kernel
        let now = kernel.wallClockNow
        let id = identifiers.next(
            unixMilliseconds: UInt64(max(0, now.nanoseconds)) / 1_000_000,
            entropy: kernel.fillRandom(JobIDMaker.entropyCount))
        var recorded = specification
        recorded.standardInput = specification.standardInput.forgotten
        let order = JobOrder(
            recorded, timeout: terms.timeout(of: specification), limits: grant.limits,
            ungranted: grant.ungranted, logLimit: terms.logLimit(of: specification))
        var record = JobRecord(
            id: id, owner: owner.tenant, order: order.shared(with: table.newest?.order),
            requestID: requestID, createdAt: now,
            controlGroup: startsNow ? groups?.group(of: id).path : nil, bootID: host.bootID)
        record.isByAdmin = owner.isAdmin
        record.queueing = startsNow ? nil : .waiting
        return record
    }

    /// Puts a job on record and then launches it: whatever dies after that, somebody knows of it.
    ///
    /// Until then it exists for nobody, but its name and its request id are taken.
    private func begin(
        _ record: JobRecord, _ specification: JobSpecification, _ key: RequestLedger.Key?,
        _ then: @escaping (Result<Job, JobError>) -> Void
    ) {
        let job = Job(record)
        job.isHidden = true
        table.insert(job)
        if let key { ledger.remember(job.id, for: key) }
        let liveJob = makeLiveJob(job)
        gate.count(job.starter, at: reactor.now)
        if job.life.isQueued {
            gate.enqueue(
                job.id, of: job.starter, job.demand, byteCount: specification.byteCount)
        } else {
            gate.start(job.id, of: job.starter, job.demand)
            countStart(of: liveJob, specification)
        }
        liveJob.onStart(then)
        host.records.commit(.accepted(record)) { [self] result in
            switch result {
            case .success: accepted(liveJob, specification)
            case .failure(let error): refuse(liveJob, key, error)
            }
        }
    }

    private func accepted(_ liveJob: LiveJob, _ specification: JobSpecification) {
        liveJob.job.isHidden = false
        pruning?.started()
        if liveJob.job.life.isQueued { return queued(liveJob, specification) }
        host.reached(.startRecorded)
        launcher.launch(liveJob, specification)
    }

    /// Nothing is left of the job, as if it had not been asked for.
    private func refuse(_ liveJob: LiveJob, _ key: RequestLedger.Key?, _ error: RecordsError) {
        logger.warning(
            "a job cannot be put on record",
            metadata: ["job": "\(liveJob.job.id)", "error": "\(error)"])
        live[liveJob.job.id] = nil
        table.remove(liveJob.job)
        sandboxes.giveBackUsers(of: liveJob.job)
        networks.giveBackAddress(of: liveJob.job)
        gate.leave(liveJob.job.id, of: liveJob.job.owner)
        if let key { ledger.forget(key) }
        liveJob.refused(JobError(error))
        startQueued()
    }

    func makeLiveJob(_ job: Job) -> LiveJob {
        let liveJob = LiveJob(job, host: host) { [weak self] ended in self?.ended(ended.job) }
        if job.wasQueued {
            liveJob.recordFailure = { [endRecorder] end, then in
                endRecorder.record(end, of: job.id, then: then)
            }
        }
        live[job.id] = liveJob
        return liveJob
    }

    // MARK: Waiters

    /// A number for one who waits.
    func nextWaiter(for job: Job) -> JobWaiter {
        lastWaiter += 1
        return JobWaiter(jobID: job.id, number: lastWaiter)
    }
}
