import Logging
import OrderedCollections
import Reactor

/// Puts the ends of jobs on record, and tries again for as long as the storage refuses.
///
/// Nobody waits for it: an end can be read again from the index. So a full disk costs nothing but a
/// try now and then, with one job for all until one has succeeded.
final class EndRecorder {
    private struct Entry {
        let end: JobEnd
        let then: () -> Void
    }

    private let records: any Records
    private let reactor: Reactor
    private let limits: JobLimits
    private let logger: Logger
    /// What the storage has refused so far, oldest first.
    private var refused: OrderedDictionary<JobID, Entry> = [:]
    private var retry: TimerID?
    private var pause: Duration

    init(records: any Records, reactor: Reactor, limits: JobLimits, logger: Logger) {
        self.records = records
        self.reactor = reactor
        self.limits = limits
        self.logger = logger
        pause = limits.endRetryInterval
    }

    /// Puts an end on record and then tells `then`, however long it takes.
    func record(_ end: JobEnd, of id: JobID, then: @escaping () -> Void) {
        let entry = Entry(end: end, then: then)
        guard retry == nil else { return refused[id] = entry }
        commit(entry, of: id)
    }

    /// Records the end of that job no more, since the job is gone; answers whether it was still to be
    /// recorded.
    func forget(_ id: JobID) -> Bool {
        refused.removeValue(forKey: id) != nil
    }

    private func commit(_ entry: Entry, of id: JobID) {
        records.commit(.ended(id, entry.end)) { [self] result in
            switch result {
            case .success:
                pause = limits.endRetryInterval
                entry.then()
            case .failure(let error):
                refused[id] = entry
                retryLater(because: error)
            }
        }
    }

    private func retryLater(because error: RecordsError) {
        guard retry == nil else { return }
        logger.warning(
            "the end of a job is not on record yet",
            metadata: ["error": "\(error)", "nextTry": "\(pause)"])
        retry = reactor.schedule(after: pause) { [self] in
            retry = nil
            retryOldest()
        }
        pause = min(pause * 2, limits.endRetryIntervalMax)
    }

    private func retryOldest() {
        guard let (id, entry) = refused.elements.first else { return }
        refused.removeFirst()
        let probe = Entry(end: entry.end) { [self] in
            entry.then()
            retryAll()
        }
        commit(probe, of: id)
    }

    private func retryAll() {
        let waiting = refused
        refused = [:]
        for (id, entry) in waiting { commit(entry, of: id) }
    }
}
