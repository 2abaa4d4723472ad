import Logging
import Reactor

extension JobSupervisor {
    /// Deletes an ended job: its files, and its record but for the request id.
    ///
    /// From now on the job exists for nobody, unless the deletion fails; those who follow it keep
    /// what they have open. Once the deletion is on record, a later supervisor brings it to its end.
    package func delete(_ job: Job, then: @escaping (Result<Void, JobError>) -> Void) {
        guard job.hasEnded else { return then(.failure(.jobStillRunning(job.id))) }
        guard !job.isHidden else { return then(.failure(.jobNotFound(selector: "\(job.id)"))) }
        job.isHidden = true
        host.records.commit(.deletionBegan(job.id)) { [self] result in
            switch result {
            case .success:
                host.reached(.deletionRecorded)
                finishDeletion(of: job, then)
            case .failure(let error):
                job.isHidden = false
                then(.failure(JobError(error)))
            }
        }
    }

    /// Removes the files of a job whose deletion is on record.
    func finishDeletion(of job: Job, _ then: @escaping (Result<Void, JobError>) -> Void) {
        let directory = host.directory
        let id = job.id
        reactor.perform(on: .files) {
            Result { () throws(Errno) in try directory.remove(id) }
        } then: { [self] result in
            switch result {
            case .success:
                host.reached(.filesRemoved)
                forget(job)
                then(.success(()))
            case .failure(let error):
                job.isHidden = false
                let path = directory.logPath(of: id)
                then(.failure(.storageUnavailable(path: path, problem: "\(error)")))
            }
        }
    }

    private func forget(_ job: Job) {
        endRecorder.forget(job.id)
        table.remove(job)
        host.records.commit(.deleted(job.id)) { [host] result in
            host.reached(.deletionFinished)
            guard case .failure(let error) = result else { return }
            // The next supervisor finds the deletion begun, and no files.
            host.logger.warning(
                "a deleted job is still on record",
                metadata: ["job": "\(job.id)", "error": "\(error)"])
        }
    }
}
