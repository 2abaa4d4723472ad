import Logging
import Reactor

/// Pauses one job by its control group, and tells those who wait for that.
final class JobPause {
    private let job: Job
    private let host: JobHost
    private var waiters: [(Bool) -> Void] = []
    private var deadline: Instant?
    /// How often the group was told something; what becomes of all but the last time says nothing.
    private var orderCount: UInt64 = 0

    init(_ job: Job, host: JobHost) {
        self.job = job
        self.host = host
    }

    /// Freezes all of the job; `then` is told whether it stands still.
    func pause(then: @escaping (Bool) -> Void) {
        waiters.append(then)
        perform(job.pauseSequence.pause())
    }

    /// Lets the job go on; `then` is told when it does, or why it does not.
    func resume(then: @escaping (Errno?) -> Void) {
        perform(job.pauseSequence.resume(), then: then)
    }

    /// Lets the job hear what it was sent, however often that has to be tried.
    func release() {
        resume { [self] failure in
            guard failure != nil, !job.hasEnded else { return }
            host.reactor.schedule(after: host.limits.thawRetryInterval) { [self] in release() }
        }
    }

    /// The job has ended; nobody waits for more.
    func end() {
        _ = job.pauseSequence.resume()
        tell(false)
    }

    private func perform(
        _ action: PauseSequence.Action, then: @escaping (Errno?) -> Void = { _ in }
    ) {
        switch action {
        case .nothing:
            then(nil)
        case .freeze:
            deadline = host.reactor.now + host.limits.freezePatience
            write(frozen: true) { [self] _ in look() }
        case .lookAgain:
            lookLater()
        case .thaw:
            thaw(then: then)
        case .announcePause:
            tell(true)
        case .giveUp:
            tell(false)
            thaw(then: then)
        }
    }

    private func tell(_ isPaused: Bool) {
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter(isPaused) }
    }

    // MARK: The group

    private var group: ControlGroup? {
        job.controlGroup.map { ControlGroup(path: $0, kernel: host.kernel) }
    }

    private func thaw(then: @escaping (Errno?) -> Void) {
        let order = orderCount + 1
        write(frozen: false) { [self] failure in
            if failure != nil, order == orderCount { job.pauseSequence.thawFailed() }
            then(failure)
        }
    }

    private func write(frozen: Bool, then: @escaping (Errno?) -> Void) {
        orderCount += 1
        guard let group else { return then(nil) }
        host.reactor.perform(on: .files) {
            Result { () throws(ControlGroupError) in try group.freeze(frozen) }
        } then: { [self] result in
            // A group that is gone belongs to a job that has just ended.
            guard case .failure(let failure) = result, failure.error != .noEntry else {
                return then(nil)
            }
            host.logger.error(
                "a job cannot be paused or resumed",
                metadata: ["job": "\(job.id)", "error": "\(failure.error)"])
            then(failure.error)
        }
    }

    private func look() {
        guard let group else { return }
        host.reactor.perform(on: .files) {
            group.isFrozen
        } then: { [self] isFrozen in
            perform(job.pauseSequence.looked(isFrozen: isFrozen))
        }
    }

    private func lookLater() {
        guard let deadline, host.reactor.now < deadline else {
            return perform(job.pauseSequence.patienceOver())
        }
        host.reactor.schedule(after: host.limits.freezeInterval) { [self] in look() }
    }
}
