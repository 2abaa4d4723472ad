import Logging
import Reactor

extension LiveJob {
    /// Its command runs, and so does its time.
    func countTime() {
        guard let timeout = job.timeout else { return }
        timeLimit.begin(timeout, since: job.startedAt) { [self] in
            host.logger.info("its time is over", metadata: ["job": "\(job.id)"])
            stop(.timeOver(grace: host.limits.timeoutGrace))
        }
    }
}
