import Logging
import Reactor

/// Jobs that wait for others to end.
///
/// Each is on record as waiting. That its turn has come goes on record before anything of it is made,
/// so that another supervisor knows which jobs it may still start.
extension JobSupervisor {
    /// A job that has to wait is on record.
    func queued(_ liveJob: LiveJob, _ specification: JobSpecification) {
        // What it is to read is not on record.
        liveJob.specification = specification
        host.reached(.queuedRecorded)
        refresh(liveJob.job)
        liveJob.queued()
        // Somebody may have left meanwhile, or the quotas may be others.
        endIfHopeless(liveJob)
        startQueued()
    }

    /// Takes over a job that waited when another supervisor ended.
    func queueAgain(_ job: Job, stop: StopIntent?) {
        job.life = .queued
        let liveJob = makeLiveJob(job)
        if stop != nil { return stopInQueue(liveJob) }
        gate.enqueue(
            job.id, of: job.starter, job.demand, byteCount: job.specification?.byteCount ?? 0)
        endIfHopeless(liveJob)
    }

    /// Ends a job that the quotas, as they are now, would let wait for ever: others would, too.
    private func endIfHopeless(_ liveJob: LiveJob) {
        let job = liveJob.job
        // One that is being stopped ends by that.
        guard !job.stopSequence.isRequested else { return }
        do throws(JobError) {
            try gate.check(job.demand, of: job.starter)
        } catch {
            logger.warning(
                "a job that waited needs more than the quotas are",
                metadata: ["job": "\(job.id)", "error": "\(error.sentence)"])
            gate.waitNoMore(job.id, of: job.owner)
            job.life.leftQueue()
            job.queuePosition = nil
            liveJob.startFailed(StartFailure(afterWaiting: error, at: .supervisor))
        }
    }

    /// A start is under way until it has succeeded or failed.
    func countStart(of liveJob: LiveJob, _ specification: JobSpecification) {
        let byteCount = specification.byteCount
        admission.began(byteCount)
        liveJob.onStart { [weak self] _ in self?.admission.ended(byteCount) }
    }

    /// Starts those who had to wait and, as the quotas are now, need not; ends those who would wait
    /// for ever.
    package func quotasChanged() {
        for id in gate.queue.ids {
            // One that is not on record yet will be looked at when it is.
            guard let liveJob = live[id], !liveJob.job.isHidden else { continue }
            endIfHopeless(liveJob)
        }
        startQueued()
    }

    /// Starts all whose turn has come.
    func startQueued() {
        while !isDraining, !isRecovering, gate.queue.count > 0, hasRoomForQueued,
            let id = gate.next(isReady: { [table] in table[$0]?.isHidden == false })
        {
            guard let liveJob = live[id] else { preconditionFailure("a job that waits is live") }
            leaveQueue(liveJob)
        }
    }

    /// Whether one more can be started; if not, tries again after a while, since nobody tells when
    /// descriptors are given back.
    private var hasRoomForQueued: Bool {
        do throws(JobError) {
            try admission.check(.nothing, beside: holdings)
            return true
        } catch {
            queueTimer =
                queueTimer
                ?? reactor.schedule(after: limits.queueRetryInterval) { [weak self] in
                    self?.queueTimer = nil
                    self?.startQueued()
                }
            return false
        }
    }

    private func leaveQueue(_ liveJob: LiveJob) {
        guard let specification = liveJob.specification ?? liveJob.job.specification else { return }
        liveJob.specification = nil
        liveJob.job.life.leftQueue()
        liveJob.job.queuePosition = nil
        // Where groups are made may have changed since it was accepted.
        liveJob.job.controlGroup = groups?.group(of: liveJob.job.id).path
        countStart(of: liveJob, specification)
        recordTurn(of: liveJob, specification)
    }

    /// Puts on record that a job's turn has come, however often that takes, and starts it, unless it
    /// was stopped meanwhile.
    private func recordTurn(of liveJob: LiveJob, _ specification: JobSpecification) {
        let job = liveJob.job
        let change = RecordChange.queueingOver(job.id, controlGroup: job.controlGroup)
        host.records.commit(change) { [self] result in
            if job.stopSequence.isRequested { return stopInQueue(liveJob) }
            switch result {
            case .success:
                host.reached(.queueingOver)
                launch(liveJob, specification)
            case .failure(let error):
                logger.warning(
                    "a job that waited cannot be started yet",
                    metadata: ["job": "\(job.id)", "error": "\(error)"])
                reactor.schedule(after: limits.queueRetryInterval) { [self] in
                    recordTurn(of: liveJob, specification)
                }
            }
        }
    }

    /// Starts a job that waited, perhaps while the host or the supervisor became others: what was
    /// there when it was accepted must be there still.
    private func launch(_ liveJob: LiveJob, _ specification: JobSpecification) {
        let fail = { (error: JobError) in
            liveJob.startFailed(StartFailure(afterWaiting: error, at: .namespaces))
        }
        do throws(JobError) {
            try sandboxes.check(specification, with: liveJob.job.subIDBase)
            try checkImage(of: specification, within: StartPermissions(images: []))
        } catch {
            return fail(error)
        }
        networks.prepare(for: specification) { [launcher] prepared in
            switch prepared {
            case .success: launcher.launch(liveJob, specification)
            case .failure(let error): fail(error)
            }
        }
    }

    /// Ends a job that never ran, as soon as that is on record: otherwise the next supervisor would
    /// start it.
    func stopInQueue(_ liveJob: LiveJob) {
        let job = liveJob.job
        gate.waitNoMore(job.id, of: job.owner)
        // Nothing of the sequence is needed, but that it counts as begun.
        _ = job.stopSequence.request(.nothingToStop)
        liveJob.stopAnswers.begin(within: limits.killPatience)
        let end = JobEnd(
            verdict: .stoppedInQueue, startedAt: nil, endedAt: reactor.kernel.wallClockNow)
        endRecorder.record(end, of: job.id) { [self] in
            host.reached(.queueStopRecorded)
            liveJob.stoppedInQueue(end)
        }
    }
}

extension StartFailure {
    /// What a job needs that waited cannot be had any more.
    fileprivate init(afterWaiting error: JobError, at stage: StartFailure.Stage) {
        self.init(
            stage: stage, errorNumber: 0, cause: .other,
            sentence: "Things have changed while the job waited. \(error.sentence)")
    }
}

extension StopSequence.Request {
    fileprivate static let nothingToStop = StopSequence.Request(signal: 0, grace: .zero)
}

extension JobSpecification {
    /// What takes no memory.
    fileprivate static let nothing = JobSpecification(command: .shell(""))
}

extension Job {
    /// What it takes of the quotas.
    var demand: StartDemand { StartDemand(limits) }
}
