import Logging
import Reactor

/// Pauses one job by its control group, and tells those who wait for that.
final class JobPause {
    private let job: Job
    private let host: JobHost
    private var waiters: [(Bool) -> Void] = []
    private var deadline: Instant?

    init(_ job: Job, host: JobHost) {
        self.job = job
        self.host = host
    }

    /// Freezes all of the job; `then` is told whether it stands still.
    func pause(then: @escaping (Bool) -> Void) {
        waiters.append(then)
        perform(job.pauseSequence.pause())
    }

    /// Lets the job go on; `then` is told when it does.
    func resume(then: @escaping () -> Void = {}) {
        perform(job.pauseSequence.resume(), then: then)
    }

    /// The job has ended; nobody waits for more.
    func end() {
        _ = job.pauseSequence.resume()
        tell(false)
    }

    private func perform(_ action: PauseSequence.Action, then: @escaping () -> Void = {}) {
        switch action {
        case .nothing:
            then()
        case .freeze:
            deadline = host.reactor.now + host.limits.freezePatience
            write(frozen: true) { [self] in look() }
        case .lookAgain:
            lookLater()
        case .thaw:
            write(frozen: false, then: then)
        case .announcePause:
            tell(true)
        case .giveUp:
            tell(false)
            write(frozen: false, then: then)
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

    private func write(frozen: Bool, then: @escaping () -> Void) {
        guard let group else { return then() }
        host.reactor.perform(on: .files) {
            Result { () throws(ControlGroupError) in try group.freeze(frozen) }
        } then: { [self] result in
            // A group that is gone belongs to a job that has just ended.
            if case .failure(let failure) = result, failure.error != .noEntry {
                host.logger.error(
                    "a job cannot be paused or resumed",
                    metadata: ["job": "\(job.id)", "error": "\(failure.error)"])
            }
            then()
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
