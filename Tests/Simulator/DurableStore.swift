package import Jobs

/// All that is on record.
package struct RecordedJobs: Sendable {
    /// The jobs, oldest first.
    package var jobs: [JobRecord]
    /// What was started for which request, oldest first; jobs that were deleted included.
    package var requests: [RecordedRequest]

    /// Puts together what was read.
    package init(jobs: [JobRecord], requests: [RecordedRequest]) {
        self.jobs = jobs
        self.requests = requests
    }
}

/// What a machine's storage keeps on record, whatever becomes of the daemons that write it.
///
/// It is plain enough to be believed: the real body of ``Records`` is held against it.
package final class DurableStore {
    /// How many transactions were completed.
    package private(set) var transactionCount = 0

    private var jobs: [JobID: JobRecord] = [:]
    private var requests: [RequestKey: JobID] = [:]
    /// Asked for, and neither on record nor failed; oldest first.
    private var underWay: [RecordChange] = []
    private var life = 0

    private struct RequestKey: Hashable {
        let owner: Tenant
        let requestID: String
    }

    /// Makes an empty store.
    package init() {}

    /// All that is on record.
    package var contents: RecordedJobs {
        let requests = requests.map { key, id in
            RecordedRequest(owner: key.owner, requestID: key.requestID, jobID: id)
        }
        return RecordedJobs(
            jobs: jobs.values.sorted { $0.id < $1.id },
            requests: requests.sorted { $0.jobID < $1.jobID })
    }

    // MARK: Lives

    /// Begins the life of another daemon; what the last one had under way may or may not be on
    /// record, but nothing is without what was asked for before it.
    func beginLife(_ random: inout SeededGenerator) -> Int {
        let survivors = Int.random(in: 0...underWay.count, using: &random)
        for change in underWay.prefix(survivors) { apply(change) }
        underWay = []
        life += 1
        return life
    }

    /// Whether that life goes on.
    func isAlive(_ life: Int) -> Bool { self.life == life }

    // MARK: Changes

    /// Takes a change on its way.
    package func add(_ change: RecordChange) {
        underWay.append(change)
    }

    /// Ends a transaction of the oldest changes; answers what became of each.
    package func complete(
        _ failures: [RecordsError?]
    ) -> [Result<Void, RecordsError>] {
        let changes = underWay.prefix(failures.count)
        precondition(changes.count == failures.count, "more was completed than asked for")
        underWay.removeFirst(changes.count)
        transactionCount += 1
        return zip(changes, failures).map { change, failure in
            if let failure { return .failure(failure) }
            apply(change)
            return .success(())
        }
    }

    private func apply(_ change: RecordChange) {
        switch change {
        case .accepted(let record):
            jobs[record.id] = record
            guard let owner = record.owner, let requestID = record.requestID else { return }
            requests[RequestKey(owner: owner, requestID: requestID)] = record.id
        case .queueingOver(let id, let group):
            jobs[id]?.queueing = .over
            jobs[id]?.controlGroup = group
        case .stopRequested(let id, let intent): jobs[id]?.stop = intent
        case .limitsChanged(let id, let limits): jobs[id]?.order.limits = limits
        case .ended(let id, let end): jobs[id]?.end = end
        case .deletionBegan(let id): jobs[id]?.isBeingDeleted = true
        case .deleted(let id): jobs[id] = nil
        }
    }
}
