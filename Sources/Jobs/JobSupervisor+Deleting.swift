import Logging
import Reactor

extension JobSupervisor {
    /// Deletes an ended job: its files, and its record but for the request id.
    ///
    /// From now on the job exists for nobody, unless the deletion fails; those who follow it keep
    /// what they have open. Once the deletion is on record, a later supervisor brings it to its end.
    /// Where there is no space to put it on record, the files go first, because that makes some.
    package func delete(_ job: Job, then: @escaping (Result<Void, JobError>) -> Void) {
        guard job.hasEnded else { return then(.failure(.jobStillRunning(job.id))) }
        guard !job.isHidden else { return then(.failure(.jobNotFound(selector: "\(job.id)"))) }
        job.isHidden = true
        pruning?.deleted(job.id)
        host.records.commit(.deletionBegan(job.id)) { [self] result in
            switch result {
            case .success:
                host.reached(.deletionRecorded)
                finishDeletion(of: job, then)
            case .failure(.full) where job.isEndOnRecord:
                deleteToMakeSpace(job, then)
            case .failure(let error):
                refuseDeletion(of: job, JobError(error), then)
            }
        }
    }

    /// Removes the files of a job whose deletion is on record.
    func finishDeletion(of job: Job, _ then: @escaping (Result<Void, JobError>) -> Void) {
        removeFiles(of: job, orTell: then) { [self] in
            forget(job)
            host.records.commit(.deleted(job.id)) { [host] result in
                host.reached(.deletionFinished)
                guard case .failure(let error) = result else { return }
                // The next supervisor finds the deletion begun, and no files.
                host.logger.warning(
                    "a deleted job is still on record",
                    metadata: ["job": "\(job.id)", "error": "\(error)"])
            }
            then(.success(()))
        }
    }

    /// Removes the files of a job first, and then puts on record that it is gone.
    ///
    /// Whatever dies in between, how the job ended is on record, and only its output is missing: so
    /// this is not for a job of which nothing but its index can tell how it ended.
    private func deleteToMakeSpace(
        _ job: Job, _ then: @escaping (Result<Void, JobError>) -> Void
    ) {
        host.logger.warning(
            "a deletion is not on record, and goes on to make space",
            metadata: ["job": "\(job.id)"])
        removeFiles(of: job, orTell: then) { [self] in
            host.records.commit(.deleted(job.id)) { [self] result in
                switch result {
                case .success:
                    host.reached(.deletionFinished)
                    forget(job)
                    then(.success(()))
                case .failure(let error):
                    refuseDeletion(of: job, JobError(error), then)
                }
            }
        }
    }

    private func removeFiles(
        of job: Job, orTell tell: @escaping (Result<Void, JobError>) -> Void,
        then: @escaping () -> Void
    ) {
        let directory = host.directory
        let id = job.id
        reactor.perform(on: .files) {
            Result { () throws(Errno) in try directory.remove(id) }
        } then: { [self] result in
            switch result {
            case .success:
                host.reached(.filesRemoved)
                then()
            case .failure(let error):
                let path = directory.logPath(of: id)
                refuseDeletion(
                    of: job, .storageUnavailable(path: path, problem: "\(error)"), tell)
            }
        }
    }

    /// The job is there again, with whatever is left of it.
    private func refuseDeletion(
        of job: Job, _ error: JobError, _ then: (Result<Void, JobError>) -> Void
    ) {
        pruning?.ended(job.id, at: job.endedAt ?? job.createdAt)
        job.isHidden = false
        then(.failure(error))
    }

    private func forget(_ job: Job) {
        if endRecorder.forget(job.id) { sandboxes.giveBackUsers(of: job) }
        table.remove(job)
    }
}
