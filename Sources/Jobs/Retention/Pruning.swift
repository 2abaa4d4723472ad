import Logging
import Reactor

/// Deletes what retention does not keep, a few jobs at a time, by the same way as those who ask.
///
/// What files take is asked of the disk by a worker: of jobs that have ended once, of those that
/// live every few seconds.
final class Pruning {
    private let reactor: Reactor
    private let directory: LogDirectory
    private let limits: JobLimits
    private let logger: Logger
    /// The jobs that live.
    private let living: () -> [JobID]
    /// Keeps the output of a living job within so many bytes, or again within what it was granted.
    private let bound: (JobID, UInt64?) -> Void
    /// Deletes a job, if it is still there.
    private let delete: (JobID, @escaping (Result<Void, JobError>) -> Void) -> Void

    private var retention: Retention
    private var deletions = 0
    private var isMeasuring = false
    /// What ended while those that had ended before were still being taken in.
    private var late: [(id: JobID, at: Timestamp)]? = []
    private var isPaused = false
    private var timer: (id: TimerID, due: Instant)?
    private var prunedCount = 0
    /// Those that are kept within less than they were granted.
    private var boundJobs: Set<JobID> = []

    init(
        reactor: Reactor, directory: LogDirectory, limits: JobLimits, logger: Logger,
        living: @escaping () -> [JobID], bound: @escaping (JobID, UInt64?) -> Void,
        delete: @escaping (JobID, @escaping (Result<Void, JobError>) -> Void) -> Void
    ) {
        self.reactor = reactor
        self.directory = directory
        self.limits = limits
        self.logger = logger
        self.living = living
        self.bound = bound
        self.delete = delete
        retention = Retention(limits.retention)
    }

    private var isOn: Bool { limits.retention != RetentionPolicy() }

    // MARK: What happens to jobs

    /// Takes in what has ended before, oldest end first; nothing is deleted before all is known.
    func begin(with ended: [(id: JobID, at: Timestamp)]) {
        guard isOn else { return }
        fill(with: ended[...])
    }

    private func lookAtLate() {
        let jobs = late ?? []
        late = nil
        for (id, time) in jobs { ended(id, at: time) }
        lookAround()
    }

    private func fill(with ended: ArraySlice<(id: JobID, at: Timestamp)>) {
        guard !ended.isEmpty else { return lookAtLate() }
        let batch = ended.prefix(limits.looksPerBatch)
        measure(batch.map(\.id)) { [self] sizes in
            for ((id, time), bytes) in zip(batch, sizes) {
                retention.ended(id, at: time, bytes: bytes)
            }
            fill(with: ended.dropFirst(batch.count))
        }
    }

    /// A job has ended and its files are complete.
    func ended(_ id: JobID, at time: Timestamp) {
        guard isOn else { return }
        guard late == nil else {
            late?.append((id, time))
            return
        }
        measure([id]) { [self] sizes in
            retention.ended(id, at: time, bytes: sizes[0])
            prune()
        }
    }

    /// A job is being deleted, whoever asked for it.
    func deleted(_ id: JobID) {
        retention.removed(id)
    }

    /// A job lives, so its output has to be looked at.
    func started() {
        guard isOn, late == nil else { return }
        look(within: limits.retentionInterval)
    }

    // MARK: Looking around

    /// Measures what lives, and deletes what must go.
    private func lookAround() {
        isPaused = false
        let ids = living()
        guard !ids.isEmpty, limits.retention.totalBytes != nil else {
            retention.livingBytes = 0
            return prune()
        }
        guard !isMeasuring else { return }
        isMeasuring = true
        measure(ids) { [self] sizes in
            isMeasuring = false
            retention.livingBytes = sizes.reduce(0, +)
            share(ids, sizes)
            prune()
        }
    }

    /// Where the logs of living jobs alone are too much, the largest of them give up their oldest
    /// output; and get their room back when there is plenty.
    private func share(_ ids: [JobID], _ sizes: [UInt64]) {
        guard let total = limits.retention.totalBytes else { return }
        boundJobs.formIntersection(ids)
        if let share = LogShare.share(of: total, among: sizes) {
            for (id, size) in zip(ids, sizes) where size > share {
                boundJobs.insert(id)
                bound(id, share)
            }
        } else if retention.livingBytes <= total / 2 {
            for id in boundJobs.sorted() { bound(id, nil) }
            boundJobs = []
        }
    }

    private func measure(_ ids: [JobID], then: @escaping ([UInt64]) -> Void) {
        let directory = directory
        reactor.perform(on: .files) {
            ids.map { directory.allocatedBytes(of: $0) }
        } then: {
            then($0)
        }
    }

    /// While jobs live, after a pause; else when the oldest that has ended will be too old.
    private func scheduleLook() {
        guard let pause = pauseBeforeLook() else { return cancelLook() }
        look(within: pause)
    }

    /// A look that is due sooner stays: put off each time a job ends, it would never come where jobs
    /// end all the time.
    private func look(within pause: Duration) {
        let due = reactor.now + pause
        if let timer, timer.due <= due { return }
        cancelLook()
        let id = reactor.schedule(after: pause) { [self] in
            timer = nil
            lookAround()
        }
        timer = (id, due)
    }

    private func cancelLook() {
        if let timer { reactor.cancel(timer.id) }
        timer = nil
    }

    private func pauseBeforeLook() -> Duration? {
        if !living().isEmpty || isPaused { return limits.retentionInterval }
        guard let expiry = retention.nextExpiry() else { return nil }
        let left = expiry.nanoseconds - reactor.kernel.wallClockNow.nanoseconds
        // A clock that is set must not be noticed a month late.
        return min(max(.nanoseconds(left), .milliseconds(1)), limits.retentionPauseMax)
    }

    // MARK: Deleting

    private func prune() {
        while deletions < limits.deletionsAtOnce, !isPaused,
            let id = retention.surplus(at: reactor.kernel.wallClockNow)
        {
            deletions += 1
            // Not to be found again while it goes.
            retention.removed(id)
            delete(id) { [self] in deletionEnded(id, $0) }
        }
        guard deletions == 0 else { return }
        if prunedCount > 0 {
            logger.info("deleted jobs beyond retention", metadata: ["jobs": "\(prunedCount)"])
            prunedCount = 0
        }
        scheduleLook()
    }

    private func deletionEnded(_ id: JobID, _ result: Result<Void, JobError>) {
        deletions -= 1
        switch result {
        case .success:
            prunedCount += 1
        case .failure(let error):
            // It is tried again after a pause: what hinders one hinders others.
            isPaused = true
            logger.warning(
                "a job beyond retention cannot be deleted",
                metadata: ["job": "\(id)", "error": "\(error.sentence)"])
        }
        guard !isPaused else { return scheduleLook() }
        prune()
    }
}
