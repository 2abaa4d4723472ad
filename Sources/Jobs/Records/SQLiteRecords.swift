package import Logging
package import Reactor

/// Records in an SQLite database, written by the storage worker.
///
/// One transaction is under way at a time, and takes all changes that came before it. What is open
/// goes with the work to the worker and comes back with its results, so the two threads share nothing.
package final class SQLiteRecords: Records {
    private let reactor: Reactor
    private let logger: Logger
    private let file: RecordsFile
    private var open: RecordsFile.Open?
    private var queue: CommitQueue
    private var changesSinceForgetting = 0
    private var isFailing = false

    /// How many transactions there were; fewer than changes when many came together.
    private(set) var transactionCount = 0

    /// Does not touch the file yet.
    ///
    /// - Parameters:
    ///   - path: The database; its directory must be there by the time it is loaded.
    ///   - reactor: The loop that asks.
    ///   - limits: Sizes.
    ///   - logger: What to tell the operator through.
    package init(path: String, reactor: Reactor, limits: JobLimits = JobLimits(), logger: Logger) {
        self.reactor = reactor
        self.logger = logger
        file = RecordsFile(path: path, kernel: reactor.kernel, limits: limits)
        queue = CommitQueue(changesMax: limits.changesPerTransaction)
    }

    package func load(
        _ take: @escaping ([JobRecord]) -> Void,
        then: @escaping (Result<[RecordedRequest], RecordsError>) -> Void
    ) {
        let file = file
        reactor.perform(on: .storage) {
            Result { () throws(RecordsError) in try file.beginReading() }
        } then: { [self] result in
            switch result {
            case .success(let reading): goOn(reading, take, then)
            case .failure(let error): then(.failure(error))
            }
        }
    }

    private func goOn(
        _ reading: RecordsFile.Reading, _ take: @escaping ([JobRecord]) -> Void,
        _ then: @escaping (Result<[RecordedRequest], RecordsError>) -> Void
    ) {
        let file = file
        reactor.perform(on: .storage) {
            var reading = reading
            return Result { () throws(RecordsError) in (try file.read(&reading), reading) }
        } then: { [self] result in
            switch result {
            case .success((let jobs, let reading)) where jobs.isEmpty:
                open = reading.open
                then(.success(reading.requests))
            case .success((let jobs, let reading)):
                take(jobs)
                goOn(reading, take, then)
            case .failure(let error):
                then(.failure(error))
            }
        }
    }

    package func commit(
        _ change: RecordChange, then: @escaping (Result<Void, RecordsError>) -> Void
    ) {
        queue.add(CommitQueue.Commit(change, then: then))
        beginTransaction()
    }

    private func beginTransaction() {
        guard let commits = queue.begin() else { return }
        let (file, open) = (file, open)
        let changes = commits.map(\.change)
        let forgetsRequests = isTimeToForget(changes)
        reactor.perform(on: .storage) {
            file.commit(changes, forgettingRequests: forgetsRequests, to: open)
        } then: { [self] outcome in
            self.open = outcome.open
            transactionCount += 1
            report(outcome)
            tell(commits, outcome.results)
        }
    }

    /// One after the other and not all in one turn: each goes on with its job.
    private func tell(_ commits: [CommitQueue.Commit], _ results: [Result<Void, RecordsError>]) {
        for (commit, result) in zip(commits, results) { reactor.putOff { commit.then(result) } }
        reactor.putOff { [self] in
            queue.end()
            beginTransaction()
        }
    }

    /// Requests outlive their jobs, so somebody must remove the old ones in a long life, too.
    private func isTimeToForget(_ changes: [RecordChange]) -> Bool {
        changesSinceForgetting += changes.count
        guard changesSinceForgetting >= file.limits.rememberedRequests / 8 else { return false }
        changesSinceForgetting = 0
        return true
    }

    /// Tells the operator when the storage begins to fail and when it works again, not each time.
    private func report(_ outcome: RecordsFile.Outcome) {
        if outcome.wasRestored {
            logger.warning("the file of records was removed or replaced, and is written anew")
        }
        let errors = outcome.results.compactMap { result -> RecordsError? in
            if case .failure(let error) = result { error } else { nil }
        }
        if let error = errors.first, !isFailing {
            logger.error("jobs cannot be put on record", metadata: ["error": "\(error)"])
        } else if errors.isEmpty, isFailing {
            logger.notice("jobs can be put on record again")
        }
        isFailing = !errors.isEmpty
    }
}
