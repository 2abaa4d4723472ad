import Logging
import Reactor

/// Takes over what earlier supervisors left in a state directory.
///
/// Jobs whose end is on record cost nothing but memory. Of every other job the index is looked at:
/// its lock tells whether the job lives, its last record how it ended. What a crash left half-made
/// is brought to an end.
final class Recovery {
    private let supervisor: JobSupervisor
    private let then: (Result<Void, JobError>) -> Void
    /// All on record, oldest first.
    private var jobs: [Job] = []
    /// What is on record of those with which more is to be done than to keep them.
    private var unsettled: [JobRecord] = []
    /// The directories in which those that have ended had their groups.
    private var groupParents: Set<String> = []
    private var unresolved: ArraySlice<JobRecord> = []
    private var counts = (adopted: 0, ended: 0, queued: 0)

    private var host: JobHost { supervisor.host }

    /// Makes a recovery; `then` is told when it has ended.
    init(of supervisor: JobSupervisor, then: @escaping (Result<Void, JobError>) -> Void) {
        self.supervisor = supervisor
        self.then = then
    }

    /// Reads the records, then the directory, then what is not clear.
    func begin() {
        host.records.load { [self] records in
            for record in records { take(record) }
        } then: { [self] result in
            switch result {
            case .success(let requests): survey(requests)
            case .failure(let error): then(.failure(JobError(error)))
            }
        }
    }

    /// Of a job that has ended, what is on record is not needed any more.
    private func take(_ record: JobRecord) {
        jobs.append(Job(record))
        if record.end == nil || record.isBeingDeleted { unsettled.append(record) }
        guard record.end != nil, let group = record.controlGroup else { return }
        groupParents.insert(ControlGroup.parent(of: group))
    }

    private func survey(_ requests: [RecordedRequest]) {
        host.reached(.recordsLoaded)
        let (directory, scout, groups) = (host.directory, host.scout, supervisor.groups)
        let recorded = jobs.map(\.id)
        host.reactor.perform(on: .files) {
            Result { () throws(Errno) in try Survey(of: recorded, by: scout, groups) }
        } then: { [self] result in
            switch result {
            case .success(let survey):
                take(survey, requests)
            case .failure(let error):
                let problem = "\(error)"
                then(.failure(.storageUnavailable(path: directory.path, problem: problem)))
            }
        }
    }

    private func take(_ survey: Survey, _ requests: [RecordedRequest]) {
        host.reached(.directorySurveyed)
        for record in survey.strays {
            putOnRecord(record)
            take(record)
        }
        if !survey.strays.isEmpty {
            jobs.sort { $0.id < $1.id }
            unsettled.sort { $0.id < $1.id }
        }
        supervisor.fill(with: jobs, unsettled, requests)
        tidy(survey.indexed)
        let living = unsettled.filter { !$0.isBeingDeleted }
        for record in living where record.waits { queueAgain(record) }
        unresolved = living.filter { !$0.waits }[...]
        resolveNext()
        sweepGroups()
        for record in unsettled where record.isBeingDeleted { finishDeletion(of: record) }
    }

    // MARK: Jobs that are over

    private func putOnRecord(_ record: JobRecord) {
        host.logger.warning(
            "a job was not on record; whose it is and what it runs is lost",
            metadata: ["job": "\(record.id)"])
        host.records.commit(.accepted(record)) { [host] result in
            host.reached(.strayRecorded)
            guard case .failure(let error) = result else { return }
            // Its index will be found again.
            host.logger.warning(
                "a job is still not on record",
                metadata: ["job": "\(record.id)", "error": "\(error)"])
        }
    }

    /// Removes the files that failed starts left behind.
    private func tidy(_ indexed: Set<JobID>) {
        for job in jobs
        where job.outcome == .startFailed && !job.isHidden && indexed.contains(job.id) {
            host.housekeeper.removeFiles(of: job.id)
        }
    }

    private func finishDeletion(of record: JobRecord) {
        guard let job = supervisor.table[record.id] else { return }
        host.housekeeper.sweep(
            after: job.id, in: record.controlGroup, leftNoWord: record.end == nil
        ) { [self] in finishDeletion(of: job) }
    }

    private func finishDeletion(of job: Job) {
        supervisor.finishDeletion(of: job) { [host] result in
            guard case .failure(let error) = result else { return }
            host.logger.warning(
                "a job cannot be deleted",
                metadata: ["job": "\(job.id)", "error": "\(error.sentence)"])
        }
    }

    /// Removes groups of jobs that have ended, wherever earlier supervisors made theirs.
    ///
    /// Only those of jobs on record: other supervisors may have theirs beside them.
    private func sweepGroups() {
        let (kernel, parents) = (host.kernel, groupParents)
        host.reactor.perform(on: .files) {
            parents.flatMap { parent in
                ((try? kernel.list(parent)) ?? []).map { (JobID($0), "\(parent)/\($0)") }
            }
        } then: { [host, supervisor] groups in
            for case (let id?, let group) in groups
            where supervisor.table[id]?.hasEnded == true {
                host.housekeeper.removeGroup(at: group, of: id)
            }
        }
    }

    // MARK: Jobs that wait

    private func queueAgain(_ record: JobRecord) {
        guard let job = supervisor.table[record.id] else { return }
        supervisor.queueAgain(job, stop: record.stop)
        counts.queued += 1
    }

    /// Whether nothing came of a job whose turn had come, so that it can wait for the next one.
    private func mayWaitAgain(_ record: JobRecord, _ remains: Remains) -> Bool {
        record.queueing == .over && record.isComplete
            && remains.finding?.hasHeader != true && absence(record) != nil
    }

    // MARK: Jobs that may live

    private func resolveNext() {
        let batch = Array(unresolved.prefix(host.limits.looksPerBatch))
        unresolved = unresolved.dropFirst(batch.count)
        guard !batch.isEmpty else { return finish() }
        let scout = host.scout
        let (kernel, facts) = (host.kernel, host.facts)
        host.reactor.perform(on: .files) {
            let frozen = batch.map { $0.controlGroupFound(kernel, facts) }
            return zip(scout.look(for: batch.map(\.id)), frozen).map { ($0, isFrozen: $1) }
        } then: { [self] found in
            for (record, (sighting, isFrozen)) in zip(batch, found) {
                if isFrozen { supervisor.table[record.id]?.pauseSequence.found() }
                resolve(record, sighting)
            }
            resolveNext()
        }
    }

    private func resolve(_ record: JobRecord, _ sighting: Sighting) {
        guard let job = supervisor.table[record.id] else { return }
        if case .gone(let remains) = sighting, remains.finding?.unknownVersion == nil {
            end(job, remains, record)
        } else {
            adopt(job, sighting, record.stop)
        }
    }

    private func adopt(_ job: Job, _ sighting: Sighting, _ stop: StopIntent?) {
        job.life = .adopted
        let liveJob = supervisor.makeLiveJob(job)
        supervisor.gate.start(job.id, of: job.starter, job.demand)
        AdoptionWatch(liveJob, host: host).take(sighting)
        if let stop { liveJob.carryOn(stop) }
        counts.adopted += 1
        host.reached(.jobAdopted)
    }

    private func end(_ job: Job, _ remains: Remains, _ record: JobRecord) {
        if mayWaitAgain(record, remains) {
            host.housekeeper.sweep(after: job.id, in: job.controlGroup, leftNoWord: false) {}
            host.housekeeper.removeFiles(of: job.id)
            return queueAgain(record)
        }
        let end = JobEnd(
            remains, of: job, absence: absence(record), now: host.kernel.wallClockNow)
        job.take(end)
        job.life = .ended(end.verdict)
        host.logger.info(
            "ended while no server ran",
            metadata: ["job": "\(job.id)", "outcome": "\(end.verdict.outcome)"])
        host.reached(.endFound)
        supervisor.settle(job, leftNoWord: !remains.isFinal)
        counts.ended += 1
    }

    /// What it means that there is nothing of a job: that it never ran.
    ///
    /// Unless the machine was started anew and its turn had come: files come to the disk half a minute
    /// late, so a loss of power may have taken them.
    private func absence(_ record: JobRecord) -> StartFailure? {
        let isSameBoot = record.bootID != nil && record.bootID == host.bootID
        guard isSameBoot || record.queueing == .waiting else { return nil }
        return record.forgottenInput ?? .serverEnded(record.order.specification)
    }

    private func finish() {
        supervisor.networks.sweep(after: supervisor.table.all.lazy.filter(\.hasEnded))
        host.logger.notice(
            "took over the state directory",
            metadata: [
                "jobs": "\(supervisor.table.count)", "adopted": "\(counts.adopted)",
                "endedMeanwhile": "\(counts.ended)", "queued": "\(counts.queued)",
            ])
        host.reached(.recovered)
        then(.success(()))
        supervisor.startQueued()
    }
}

extension JobRecord {
    /// Sees to it that the limits on record hold, which may have been changed when the last supervisor
    /// ended; answers whether the job was told to stand still.
    fileprivate func controlGroupFound(_ kernel: any Kernel, _ facts: HostFacts) -> Bool {
        guard let controlGroup else { return false }
        let group = ControlGroup(path: controlGroup, kernel: kernel)
        // A group that is gone belongs to a job that is.
        let own = facts.ownProcessCount(for: order.specification?.isolation)
        try? group.write(order.limits.controlGroupFiles(beside: own))
        return group.isToFreeze
    }

    /// Whether it waits for others to end, and nothing of it is there.
    fileprivate var waits: Bool { queueing == .waiting && isComplete }

    /// Why it cannot start although its turn has come, or will: what it is to read is gone.
    fileprivate var forgottenInput: StartFailure? {
        guard queueing != nil, let specification = order.specification, !isComplete else {
            return nil
        }
        return .forgottenInput(specification.standardInput.byteCount)
    }

    /// Whether all is known that a start needs: what a job is to read is not on record.
    fileprivate var isComplete: Bool { order.specification?.standardInput.byteCount == 0 }
}
