/// Gathers changes into transactions: what comes while one is under way goes into the next.
///
/// A synchronized write costs the same for one change as for a hundred, so the busier the daemon,
/// the less each change costs; a change that comes alone is not made to wait for company.
package struct CommitQueue {
    /// A change, and who waits for it.
    package struct Commit {
        /// What is to be put on record.
        package let change: RecordChange
        /// Told what became of it.
        package let then: (Result<Void, RecordsError>) -> Void

        /// Notes a change and who waits for it.
        package init(
            _ change: RecordChange, then: @escaping (Result<Void, RecordsError>) -> Void
        ) {
            self.change = change
            self.then = then
        }
    }

    private var waiting: [Commit] = []
    private var isUnderWay = false
    private let changesMax: Int

    /// Makes an empty queue whose transactions have at most so many changes.
    package init(changesMax: Int) {
        precondition(changesMax > 0)
        self.changesMax = changesMax
    }

    /// Puts a change behind all others.
    package mutating func add(_ commit: Commit) {
        waiting.append(commit)
    }

    /// Begins the next transaction; nil while one is under way and when there is nothing to do.
    package mutating func begin() -> [Commit]? {
        guard !isUnderWay, !waiting.isEmpty else { return nil }
        isUnderWay = true
        let commits = Array(waiting.prefix(changesMax))
        waiting.removeFirst(commits.count)
        return commits
    }

    /// Ends the transaction under way, once all of it have been told what became of it: what they
    /// ask for in return then shares the next one.
    package mutating func end() {
        precondition(isUnderWay, "no transaction is under way")
        isUnderWay = false
    }
}
