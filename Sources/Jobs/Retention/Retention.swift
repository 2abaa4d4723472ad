import Reactor

/// What is kept of jobs that have ended, and of all output together.
package struct RetentionPolicy: Hashable, Sendable {
    /// For how long; nil for ever.
    package var age: Duration?
    /// How many jobs that have ended; nil for any number.
    package var jobs: Int?
    /// How much their files may take of the disk; nil for as much as they want.
    package var bytes: UInt64?
    /// How much the files of all jobs may take, those that live included; nil for as much as they
    /// want.
    package var totalBytes: UInt64?

    /// Keeps everything but what is said here.
    package init(
        age: Duration? = nil, jobs: Int? = nil, bytes: UInt64? = nil, totalBytes: UInt64? = nil
    ) {
        self.age = age
        self.jobs = jobs
        self.bytes = bytes
        self.totalBytes = totalBytes
    }
}

/// Which of the jobs that have ended must go: the oldest, as long as they are too old or too many.
///
/// Pure, and every question costs the same however many jobs there are: a hundred thousand may have
/// ended. Jobs that live are no part of it, but for what their files take.
struct Retention {
    private struct Entry {
        var endedAt: Timestamp
        var bytes: UInt64
    }

    private let policy: RetentionPolicy
    private var entries: [JobID: Entry] = [:]
    /// In the order of their ends; those that are gone are passed over when they come to the front.
    private var queue: ArraySlice<JobID> = []
    /// What the files of those jobs take.
    private(set) var endedBytes: UInt64 = 0
    /// What the files of living jobs took when they were last looked at.
    var livingBytes: UInt64 = 0

    init(_ policy: RetentionPolicy) {
        self.policy = policy
    }

    /// How many jobs there are that might have to go.
    var count: Int { entries.count }

    /// A job has ended after all others; its files take so much.
    mutating func ended(_ id: JobID, at time: Timestamp, bytes: UInt64) {
        removed(id)
        entries[id] = Entry(endedAt: time, bytes: bytes)
        queue.append(id)
        endedBytes += bytes
    }

    /// A job is gone, or about to be; one that is not known changes nothing.
    mutating func removed(_ id: JobID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        endedBytes -= entry.bytes
    }

    /// The next job that must go; nil if all may stay.
    mutating func surplus(at now: Timestamp) -> JobID? {
        guard let (id, entry) = oldest() else { return nil }
        return isTooMuch || isTooOld(entry, at: now) ? id : nil
    }

    /// When the oldest job will be too old; nil if none ever is.
    mutating func nextExpiry() -> Timestamp? {
        guard let age = policy.age, let (_, entry) = oldest() else { return nil }
        let (sum, overflows) = entry.endedAt.nanoseconds.addingReportingOverflow(
            age.wholeNanoseconds)
        return overflows ? nil : Timestamp(nanoseconds: sum)
    }

    private mutating func oldest() -> (JobID, Entry)? {
        while let id = queue.first {
            if let entry = entries[id] { return (id, entry) }
            queue.removeFirst()
        }
        return nil
    }

    /// Deleting gives nothing back where the files that are left are those of living jobs.
    private var isTooMuch: Bool {
        if let jobs = policy.jobs, entries.count > jobs { return true }
        guard endedBytes > 0 else { return false }
        if let bytes = policy.bytes, endedBytes > bytes { return true }
        guard let total = policy.totalBytes else { return false }
        return endedBytes + livingBytes > total
    }

    private func isTooOld(_ entry: Entry, at now: Timestamp) -> Bool {
        guard let age = policy.age else { return false }
        return now.nanoseconds - entry.endedAt.nanoseconds >= age.wholeNanoseconds
    }
}
