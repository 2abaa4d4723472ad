import Reactor

/// Names one who waits for the end of a job, so that the waiting can be called off.
package struct JobWaiter: Hashable, Sendable {
    let jobID: JobID
    let number: UInt64
}

extension JobSupervisor {
    /// Stops a job: sends a signal, and kills the job if it has not ended after the grace.
    ///
    /// The first stop decides; one that comes later waits for it, and then learns that the job has
    /// already ended. Whoever stops waiting does not stop the stopping.
    ///
    /// A job that cannot be killed is not waited for: its state and its message then say so.
    ///
    /// - Parameters:
    ///   - job: Which job.
    ///   - signal: What to begin with.
    ///   - grace: How long the job may take. Zero kills at once.
    ///   - then: Told when the job has ended, or outlives its kill; that may be before `stop`
    ///     returns.
    /// - Returns: What to hand to ``cancel(_:)`` to no longer wait.
    @discardableResult
    package func stop(
        _ job: Job, signal: Int32, grace: Duration,
        then: @escaping (Result<Job, JobError>) -> Void
    ) -> JobWaiter {
        let waiter = nextWaiter(for: job)
        guard let liveJob = live[job.id], job.unknownIndexVersion == nil else {
            then(.failure(.jobAlreadyEnded(job.id)))
            return waiter
        }
        do throws(JobError) {
            try JobSupervisor.check(signal: signal)
            try JobSupervisor.check(grace: grace)
        } catch {
            then(.failure(error))
            return waiter
        }
        let isFirst = !job.stopSequence.isRequested
        guard !liveJob.stopAnswers.isDue else {
            then(.success(job))
            return waiter
        }
        liveJob.stopAnswers.wait(waiter.number) {
            liveJob.cancelOnEnd(waiter.number)
            then(.success(job))
        }
        liveJob.onEnd(waiter.number) {
            then(isFirst ? .success(job) : .failure(.jobAlreadyEnded(job.id)))
        }
        if job.life.isQueued, isFirst {
            stopInQueue(liveJob)
        } else {
            liveJob.stop(StopSequence.Request(signal: signal, grace: grace))
        }
        return waiter
    }

    /// Waits for the end of a job.
    ///
    /// - Parameters:
    ///   - job: Which job.
    ///   - then: Told when the job has ended; that may be before `wait` returns.
    /// - Returns: What to hand to ``cancel(_:)`` to no longer wait.
    @discardableResult
    package func wait(_ job: Job, then: @escaping (Job) -> Void) -> JobWaiter {
        let waiter = nextWaiter(for: job)
        if let liveJob = live[job.id] {
            liveJob.onEnd(waiter.number) { then(job) }
        } else {
            then(job)
        }
        return waiter
    }

    /// Tells that one no more.
    package func cancel(_ waiter: JobWaiter) {
        live[waiter.jobID]?.cancelOnEnd(waiter.number)
    }

    /// Sends one signal to a job's command; SIGKILL ends a job that waits for others to end.
    ///
    /// - Parameters:
    ///   - job: Which job.
    ///   - number: Which signal.
    ///   - then: Told when it is sent, or a job that waited has ended: that is on record then.
    /// - Returns: What to hand to ``cancel(_:)`` to no longer wait.
    @discardableResult
    package func signal(
        _ job: Job, _ number: Int32, then: @escaping (Result<Job, JobError>) -> Void
    ) -> JobWaiter {
        let sigkill: Int32 = 9
        if job.life.isQueued, number == sigkill {
            return stop(job, signal: number, grace: .zero, then: then)
        }
        then(
            Result { () throws(JobError) in
                try send(number, to: job)
                return job
            })
        return nextWaiter(for: job)
    }

    private func send(_ number: Int32, to job: Job) throws(JobError) {
        guard let liveJob = live[job.id] else { throw .jobAlreadyEnded(job.id) }
        try JobSupervisor.check(signal: number)
        // It could only be kept in memory, which a restart would forget.
        guard !job.life.isQueued else { throw .jobNotRunning(job.id, job.state) }
        do {
            try liveJob.signal(number)
        } catch {
            // EAGAIN: too many signals are queued, RLIMIT_SIGPENDING.
            throw .invalidRequest(
                SpecificationProblem(
                    field: "signal", sentence: "It cannot be sent now: \(error)."))
        }
    }

    /// Nothing of the job runs any more.
    ///
    /// Its end goes on record behind the announcement: until then it can be read again from the
    /// index.
    func ended(_ job: Job) {
        live[job.id] = nil
        gate.leave(job.id, of: job.owner)
        // It left nothing behind, and its end is on record.
        if job.life.verdict == .stoppedInQueue {
            job.isEndOnRecord = true
            job.live = nil
            sandboxes.giveBackUsers(of: job)
            networks.giveBackAddress(of: job)
        } else {
            settle(job, leftNoWord: job.outcome == .lost)
        }
        pruning?.ended(job.id, at: job.endedAt ?? job.createdAt)
        startQueued()
    }

    /// Kills what is left of a job that has ended, and then puts its end on record.
    ///
    /// In this order: once the end is on record no other supervisor looks for what is left.
    func settle(_ job: Job, leftNoWord: Bool) {
        host.housekeeper.sweep(
            after: job.id, in: job.controlGroup, leftNoWord: leftNoWord
        ) { [self] in
            networks.giveBackAddress(of: job)
            recordEnd(of: job)
        }
        job.live = nil
    }

    private func recordEnd(of job: Job) {
        guard let end = job.end else { preconditionFailure("a job ended without an end") }
        endRecorder.record(end, of: job.id) { [weak self, host] in
            job.isEndOnRecord = true
            // Not before: until then the next supervisor takes them for this job's, and they must not
            // be another tenant's as well.
            self?.sandboxes.giveBackUsers(of: job)
            host.reached(.endRecorded)
            // Not before: they, too, say that the command never ran.
            if job.outcome == .startFailed { host.housekeeper.removeFiles(of: job.id) }
        }
    }

    /// Stops all jobs, and starts none any more.
    ///
    /// - Parameters:
    ///   - grace: How long each job may take before it is killed.
    ///   - then: Told when the last one has ended and nothing is left of any; that may be before
    ///     `stopAll` returns.
    package func stopAll(grace: Duration, then: @escaping () -> Void) {
        refuseStarts()
        let jobs = live.values.map(\.job).sorted { $0.id < $1.id }
        var left = jobs.count
        guard left > 0 else { return whenTidy(then) }
        let sigterm: Int32 = 15
        for job in jobs {
            wait(job) { [self] _ in
                left -= 1
                if left == 0 { whenTidy(then) }
            }
            stop(job, signal: sigterm, grace: grace) { _ in }
        }
    }

    /// Tells `then` when nothing is left to be removed of jobs that have ended; that may be before this
    /// returns.
    package func whenTidy(_ then: @escaping () -> Void) {
        let housekeeper = host.housekeeper
        networks.whenTidy { housekeeper.whenTidy(then) }
    }

    private static func check(signal: Int32) throws(JobError) {
        guard !(1...64).contains(signal) else { return }
        throw .invalidRequest(
            SpecificationProblem(
                field: "signal", sentence: "\(signal) is no signal; they go from 1 to 64."))
    }

    private static func check(grace: Duration) throws(JobError) {
        guard grace < .zero else { return }
        throw .invalidRequest(
            SpecificationProblem(field: "grace_period", sentence: "It must not be negative."))
    }
}
