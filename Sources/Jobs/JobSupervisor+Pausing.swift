import Reactor

extension JobSupervisor {
    /// Freezes all processes of a job; `then` is told when they stand still.
    ///
    /// A job that stands still already stays as it is.
    package func pause(_ job: Job, then: @escaping (Result<Job, JobError>) -> Void) {
        do throws(JobError) {
            let liveJob = try runningJob(job)
            liveJob.pause.pause { [self] isPaused in
                then(isPaused ? .success(job) : .failure(whyNotPaused(job)))
            }
        } catch {
            then(.failure(error))
        }
    }

    /// Lets a paused job go on; one that is not paused goes on as it does.
    package func resume(_ job: Job, then: @escaping (Result<Job, JobError>) -> Void) {
        do throws(JobError) {
            try runningJob(job).pause.resume { failure in
                guard let failure, !job.hasEnded else { return then(.success(job)) }
                then(.failure(.resumeFailed(job.id, problem: "\(failure)")))
            }
        } catch {
            then(.failure(error))
        }
    }

    private func whyNotPaused(_ job: Job) -> JobError {
        if job.hasEnded { return .jobAlreadyEnded(job.id) }
        return job.stopSequence.isRequested
            ? .jobNotRunning(job.id, job.state) : .pauseFailed(job.id)
    }

    private func runningJob(_ job: Job) throws(JobError) -> LiveJob {
        guard let liveJob = live[job.id], !job.hasEnded else { throw .jobAlreadyEnded(job.id) }
        guard job.life.wasSeenRunning, !job.stopSequence.isRequested else {
            throw .jobNotRunning(job.id, job.state)
        }
        guard job.controlGroup != nil else { throw .pauseUnavailable }
        return liveJob
    }
}
