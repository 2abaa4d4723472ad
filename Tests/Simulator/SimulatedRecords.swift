package import Jobs
package import Reactor

/// The records of one life of a daemon on a simulated machine.
///
/// Transactions take as long as the seed says and fail as often as the fault plan does. A crash is
/// nothing but the next life on the same store: what was under way then is there up to some change,
/// and nobody of this life is told any more.
package final class SimulatedRecords: Records {
    private let store: DurableStore
    private let machine: SimulatedMachine
    private let reactor: Reactor
    private let limits: JobLimits
    private let life: Int
    private var queue: CommitQueue

    /// Begins a life; what the one before had under way is settled.
    package init(
        _ store: DurableStore, on machine: SimulatedMachine, reactor: Reactor,
        limits: JobLimits = JobLimits()
    ) {
        self.store = store
        self.machine = machine
        self.reactor = reactor
        self.limits = limits
        queue = CommitQueue(changesMax: limits.changesPerTransaction)
        var random = SeededGenerator(seed: machine.kernel.with { $0.random.next() })
        life = store.beginLife(&random)
    }

    package func load(
        _ take: @escaping ([JobRecord]) -> Void,
        then: @escaping (Result<[RecordedRequest], RecordsError>) -> Void
    ) {
        afterSeededDelay {
            $0.store.contents
        } then: { [limits] contents in
            var jobs = contents.jobs[...]
            while !jobs.isEmpty {
                take(Array(jobs.prefix(limits.recordsPerBatch)))
                jobs = jobs.dropFirst(limits.recordsPerBatch)
            }
            then(.success(contents.requests.pruned(limits)))
        }
    }

    package func commit(
        _ change: RecordChange, then: @escaping (Result<Void, RecordsError>) -> Void
    ) {
        // Killed in the middle of a function, it goes on to its end; nothing of that happens.
        guard (reactor.kernel as? SimulatedKernel)?.hasEnded != true else { return }
        precondition(store.isAlive(life), "a daemon writes after its end")
        store.add(change)
        queue.add(CommitQueue.Commit(change, then: then))
        beginTransaction()
    }

    private func beginTransaction() {
        guard let commits = queue.begin() else { return }
        afterSeededDelay { records in
            records.store.complete(commits.map { _ in records.drawFailure() })
        } then: { [self] results in
            for (commit, result) in zip(commits, results) { commit.then(result) }
            queue.end()
            beginTransaction()
        }
    }

    /// Looks at the store in a later step of the loop, unless another life has begun by then.
    private func afterSeededDelay<Value>(
        _ look: @escaping (SimulatedRecords) -> Value, then: @escaping (Value) -> Void
    ) {
        let delay = machine.kernel.with { state in
            let longest = state.faults.commitDelayMax.wholeNanoseconds
            return Duration.nanoseconds(Int64.random(in: 0...longest, using: &state.random))
        }
        reactor.schedule(after: delay) { [self] in
            guard store.isAlive(life) else { return }
            then(look(self))
        }
    }

    private func drawFailure() -> RecordsError? {
        let full = RecordsError.full(problem: "the simulated disk is full")
        return machine.kernel.with { state in
            if state.faults.recordsAreFull { return full }
            guard state.random.happens(state.faults.commitFailures) else { return nil }
            return state.random.happens(0.5)
                ? full : .unavailable(problem: "the simulated disk failed")
        }
    }
}
