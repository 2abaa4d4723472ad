import Reactor

/// A change of the limits of a job that runs.
package struct LimitChange: Hashable, Sendable {
    /// The new ones, where what is nil stays as it is; of a device, too.
    package var limits: ResourceLimits
    /// Those to give up, by the names of their fields in the API.
    package var cleared: Set<String>

    /// Describes a change.
    package init(limits: ResourceLimits, cleared: Set<String> = []) {
        self.limits = limits
        self.cleared = cleared
    }

    /// The limits of a job after the change; its devices and those of the change have been resolved.
    func applied(to old: ResourceLimits) -> ResourceLimits {
        var base = old
        for field in cleared { LimitField.all[field]?.clear(&base) }
        base.io.removeAll { $0 == ResourceLimits.IOLimit(device: $0.device) }
        return limits.filled(from: base)
    }

    /// What is wrong with the change.
    func problems() -> [SpecificationProblem] {
        guard cleared.count <= LimitField.all.count else {
            let sentence = "There are \(LimitField.all.count) limits; name each once."
            return [SpecificationProblem(field: "clear", sentence: sentence)]
        }
        let names = LimitField.all.keys.sorted().joined(separator: ", ")
        let unknown = cleared.sorted().filter { LimitField.all[$0] == nil }.map {
            SpecificationProblem(
                field: "clear", sentence: "\(quoted($0)) is no limit; there are \(names).")
        }
        let both = cleared.sorted().filter { LimitField.all[$0]?.isSet(limits) == true }.map {
            SpecificationProblem(field: "clear", sentence: "\($0) is set by the same request.")
        }
        let isEmpty = cleared.isEmpty && limits == ResourceLimits()
        let nothing = SpecificationProblem(
            field: "limits", sentence: "There is nothing to change; set a limit or clear one.")
        return limits.problems() + unknown + both + (isEmpty ? [nothing] : [])
    }
}

/// One limit, by the name of its field in the API.
private struct LimitField {
    let clear: @Sendable (inout ResourceLimits) -> Void
    let isSet: @Sendable (ResourceLimits) -> Bool

    static let all: [String: LimitField] = [
        "cpu_millis": LimitField(\.cpuMillis),
        "cpu_weight": LimitField(\.cpuWeight),
        "memory_max_bytes": LimitField(\.memoryMax),
        "memory_high_bytes": LimitField(\.memoryHigh),
        "swap_max_bytes": LimitField(\.swapMax),
        "pids_max": LimitField(\.pidsMax),
        "cpus": LimitField {
            $0.cpus = ""
        } isSet: {
            !$0.cpus.isEmpty
        },
        "io": LimitField {
            $0.io = []
        } isSet: {
            !$0.io.isEmpty
        },
        "io.read_bytes_per_second": LimitField(ofDevices: \.readBytes),
        "io.write_bytes_per_second": LimitField(ofDevices: \.writeBytes),
        "io.reads_per_second": LimitField(ofDevices: \.reads),
        "io.writes_per_second": LimitField(ofDevices: \.writes),
    ]

    private init(
        clear: @escaping @Sendable (inout ResourceLimits) -> Void,
        isSet: @escaping @Sendable (ResourceLimits) -> Bool
    ) {
        self.clear = clear
        self.isSet = isSet
    }

    private init<Value>(
        _ limit: any WritableKeyPath<ResourceLimits, Value?> & Sendable
    ) {
        self.init {
            $0[keyPath: limit] = nil
        } isSet: {
            $0[keyPath: limit] != nil
        }
    }

    /// One bound of every device.
    private init(
        ofDevices bound: any WritableKeyPath<ResourceLimits.IOLimit, UInt64?> & Sendable
    ) {
        self.init {
            for index in $0.io.indices { $0.io[index][keyPath: bound] = nil }
        } isSet: {
            $0.io.contains { $0[keyPath: bound] != nil }
        }
    }
}

extension JobSupervisor {
    /// Changes the limits of a job that runs, within what the server and its owner allow.
    ///
    /// The change goes on record before it is made, and is made once more by a supervisor that finds
    /// the job: so what is on record holds, whoever dies in between. What counts against the quotas
    /// is the larger of both limits until the change is made.
    ///
    /// - Parameters:
    ///   - job: Which job.
    ///   - change: What is to be different.
    ///   - terms: What its owner is granted.
    ///   - then: Told when the new limits hold.
    package func update(
        _ job: Job, _ change: LimitChange, terms: StartTerms = StartTerms(),
        then: @escaping (Result<Job, JobError>) -> Void
    ) {
        let problems = change.problems()
        guard problems.isEmpty else { return then(.failure(.invalidUpdate(problems))) }
        do throws(JobError) {
            try checkRunning(job)
        } catch {
            return then(.failure(error))
        }
        lookAtDevices(for: change.limits, terms) { [self] devices in
            do throws(JobError) {
                try checkRunning(job)
                try begin(change, of: job, devices, terms, then)
            } catch {
                then(.failure(error))
            }
        }
    }

    private func checkRunning(_ job: Job) throws(JobError) {
        guard live[job.id] != nil, !job.hasEnded else { throw .jobAlreadyEnded(job.id) }
        guard job.life.wasSeenRunning else { throw .jobNotRunning(job.id, job.state) }
    }

    private func begin(
        _ change: LimitChange, of job: Job, _ devices: BlockDevices?, _ terms: StartTerms,
        _ then: @escaping (Result<Job, JobError>) -> Void
    ) throws(JobError) {
        var resolved = change
        resolved.limits = try devices?.resolve(change.limits) ?? change.limits
        let old = job.limits
        let grant = try grant(resolved.applied(to: old), devices, terms, changing: change.limits)
        try gate.change(job.id, of: job.starter, to: StartDemand(grant.limits))
        job.limits = grant.limits
        // It may end meanwhile, and then has none any more.
        let group = controlGroup(of: job)
        host.records.commit(.limitsChanged(job.id, grant.limits)) { [self] result in
            switch result {
            case .success: write(grant.limits, replacing: old, of: job, in: group, then)
            case .failure(let error):
                job.limits = old
                recount(job)
                then(.failure(JobError(error)))
            }
        }
    }

    /// The limits of a job are as they stay, and so is what it takes of the quotas.
    private func recount(_ job: Job) {
        gate.settle(job.id, job.demand)
        startQueued()
    }

    private func write(
        _ limits: ResourceLimits, replacing old: ResourceLimits, of job: Job,
        in group: ControlGroup?, _ then: @escaping (Result<Job, JobError>) -> Void
    ) {
        guard let group else {
            recount(job)
            return then(.success(job))
        }
        let files = files(of: job, for: limits, replacing: old)
        reactor.perform(on: .files) {
            Result { () throws(ControlGroupError) in try group.write(files) }
        } then: { [self] result in
            switch result {
            case .success:
                recount(job)
                then(.success(job))
            case .failure(let failure): takeBack(limits, to: old, of: job, in: group, failure, then)
            }
        }
    }

    private func controlGroup(of job: Job) -> ControlGroup? {
        job.controlGroup.map { ControlGroup(path: $0, kernel: host.kernel) }
    }

    private func files(
        of job: Job, for limits: ResourceLimits, replacing old: ResourceLimits
    ) -> [ControlGroupFile] {
        let own = host.facts.ownProcessCount(for: job.specification?.isolation)
        return limits.controlGroupFiles(beside: own, replacing: old)
    }

    /// The kernel does not take a limit, so the old ones are on record again, and in force.
    private func takeBack(
        _ limits: ResourceLimits, to old: ResourceLimits, of job: Job, in group: ControlGroup,
        _ failure: ControlGroupError, _ then: @escaping (Result<Job, JobError>) -> Void
    ) {
        if job.limits == limits { job.limits = old }
        recount(job)
        host.records.commit(.limitsChanged(job.id, job.limits)) { [self] _ in
            restore(limits, of: job, in: group) {
                guard !job.hasEnded else { return then(.failure(.jobAlreadyEnded(job.id))) }
                then(.failure(.limitRefused(file: failure.file, problem: "\(failure.error)")))
            }
        }
    }

    /// Writes the limits of a job over those of which some may have been written.
    private func restore(
        _ refused: ResourceLimits, of job: Job, in group: ControlGroup,
        then: @escaping () -> Void
    ) {
        let files = files(of: job, for: job.limits, replacing: refused)
        reactor.perform(on: .files) {
            // One of them is refused again, and the others are not to suffer for it.
            for file in files { try? group.write([file]) }
        } then: {
            then()
        }
    }
}
