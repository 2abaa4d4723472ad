import Logging

extension LiveJob {
    /// It waits for others to end, and that is on record: all that can be told for now.
    func queued() {
        host.logger.info("queued", metadata: ["job": "\(job.id)"])
        tellStart(.success(job))
    }

    /// It was stopped while it waited, and that is on record.
    func stoppedInQueue(_ end: JobEnd) {
        job.take(end)
        let action = job.life.stoppedInQueue()
        tellStart(.success(job))
        perform(action)
    }

    /// Goes on at once, unless another supervisor would start the job if it did not find that it has
    /// failed.
    func recorded(_ end: JobEnd, then: @escaping () -> Void) {
        guard end.verdict == .startFailed, let recordFailure else { return then() }
        recordFailure(end, then)
    }

    /// Keeps a signal for the command; as of those pending for a process, one of each is enough.
    func hold(_ number: Int32) {
        guard !heldSignals.contains(number) else { return }
        heldSignals.append(number)
    }
}
