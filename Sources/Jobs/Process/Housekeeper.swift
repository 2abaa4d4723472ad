import Logging
import Reactor

/// Removes what ended jobs leave behind, on a worker, and knows when all is tidy.
final class Housekeeper {
    private let reactor: Reactor
    private let limits: JobLimits
    private let logger: Logger
    private let directory: LogDirectory
    private let stragglers: Stragglers
    private var chores = 0
    /// Jobs of which processes may be left, and who waits for their end.
    private var lost: [(id: JobID, then: () -> Void)] = []
    private var isKilling = false
    private var waiters: [() -> Void] = []

    init(
        reactor: Reactor, limits: JobLimits, logger: Logger, directory: LogDirectory,
        stragglers: Stragglers
    ) {
        self.reactor = reactor
        self.limits = limits
        self.logger = logger
        self.directory = directory
        self.stragglers = stragglers
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

    /// Kills and removes what is left of a job that has ended, beside its files.
    ///
    /// The shim has done the killing, unless it was killed itself and so left no word.
    ///
    /// - Parameters:
    ///   - id: Which job.
    ///   - group: The directory of its control group, if it had one.
    ///   - leftNoWord: Whether its shim was killed before it had come to its end.
    ///   - then: Told when no process is left outside the job's group; that may be before `sweep`
    ///     returns.
    func sweep(
        after id: JobID, in group: String?, leftNoWord: Bool, then: @escaping () -> Void
    ) {
        if let group { removeGroup(at: group, of: id) }
        guard leftNoWord else { return then() }
        // Some may have left the group, or there was none.
        lost.append((id, then))
        killStragglers()
    }

    /// Goes through the processes once for all jobs that were lost meanwhile: when one shim is killed
    /// many are, as a rule.
    private func killStragglers() {
        guard !isKilling, !lost.isEmpty else { return }
        isKilling = true
        let (stragglers, batch) = (stragglers, lost)
        lost = []
        let ids = Set(batch.map(\.id))
        let finish = { [self] in
            isKilling = false
            for (_, then) in batch { then() }
            killStragglers()
        }
        attempt(
            "processes of jobs cannot be killed", of: ids, inARow: limits.sweepLooks, then: finish
        ) {
            stragglers.kill(of: ids)
        }
    }

    /// Removes the control group of a job, as soon as the last of it has left.
    func removeGroup(at path: String, of id: JobID) {
        let group = ControlGroup(path: path, kernel: reactor.kernel)
        attempt("the control group of a job cannot be removed", of: [id]) { group.remove() }
    }

    /// Does something on a worker, again and again until it answers that it has succeeded, so often in
    /// a row, or for as often as is reasonable; tells `then` in either case.
    private func attempt(
        _ complaint: Logger.Message, of ids: Set<JobID>, inARow successes: Int = 1,
        then: @escaping () -> Void = {}, _ work: @escaping @Sendable () -> Bool
    ) {
        chores += 1
        attempt(work, inARow: successes, attemptsLeft: limits.sweepAttempts) { [self] isDone in
            if !isDone {
                let names = ids.sorted().map { "\($0)" }.joined(separator: " ")
                logger.warning(complaint, metadata: ["jobs": "\(names)"])
            }
            then()
            finishChore()
        }
    }

    private func attempt(
        _ work: @escaping @Sendable () -> Bool, inARow successes: Int, succeeded: Int = 0,
        attemptsLeft: Int, then: @escaping (Bool) -> Void
    ) {
        reactor.perform(on: .files, work) { [self] isDone in
            let succeeded = isDone ? succeeded + 1 : 0
            guard succeeded < successes, attemptsLeft > 0 else { return then(isDone) }
            reactor.schedule(after: limits.sweepInterval) { [self] in
                attempt(
                    work, inARow: successes, succeeded: succeeded,
                    attemptsLeft: attemptsLeft - 1, then: then)
            }
        }
    }
}
