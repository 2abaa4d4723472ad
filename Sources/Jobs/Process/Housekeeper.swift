import Logging
import Reactor

/// Removes what ended jobs leave behind, on a worker, and knows when all is tidy.
final class Housekeeper {
    private let reactor: Reactor
    private let limits: JobLimits
    private let logger: Logger
    private let directory: LogDirectory
    private let groups: ControlGroups?
    private var chores = 0
    private var waiters: [() -> Void] = []

    init(
        reactor: Reactor, limits: JobLimits, logger: Logger, directory: LogDirectory,
        groups: ControlGroups?
    ) {
        self.reactor = reactor
        self.limits = limits
        self.logger = logger
        self.directory = directory
        self.groups = groups
    }

    /// Tells `then` when nothing is left to be removed; that may be before this returns.
    func whenTidy(_ then: @escaping () -> Void) {
        guard chores > 0 else { return then() }
        waiters.append(then)
    }

    private func finishChore() {
        chores -= 1
        guard chores == 0 else { return }
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter() }
    }

    /// Removes the files of a job whose output nobody can want.
    func removeFiles(of id: JobID) {
        chores += 1
        let directory = directory
        reactor.perform(on: .files) {
            Result { () throws(Errno) in try directory.remove(id) }
        } then: { [self] result in
            if case .failure(let error) = result {
                logger.warning(
                    "the files of a job cannot be removed",
                    metadata: ["job": "\(id)", "error": "\(error.name)"])
            }
            finishChore()
        }
    }

    /// Removes the control group of a job, as soon as the last of it has left.
    func removeGroup(of id: JobID) {
        guard let groups else { return }
        chores += 1
        removeGroup(of: id, groups, attemptsLeft: limits.groupRemovalAttempts)
    }

    private func removeGroup(of id: JobID, _ groups: ControlGroups, attemptsLeft: Int) {
        reactor.perform(on: .files) {
            groups.remove(for: id)
        } then: { [self] isGone in
            if isGone { return finishChore() }
            guard attemptsLeft > 0 else {
                logger.warning(
                    "the control group of a job cannot be removed", metadata: ["job": "\(id)"])
                return finishChore()
            }
            reactor.schedule(after: limits.groupRemovalInterval) { [self] in
                removeGroup(of: id, groups, attemptsLeft: attemptsLeft - 1)
            }
        }
    }
}
