/// Durable records of jobs.
///
/// The real body is a database on the storage worker; the tests' one completes at seeded times and
/// loses in a crash what it had not completed. Everything happens on the loop: `then` is called in a
/// later step of it, exactly once, never before the call returns.
package protocol Records: AnyObject {
    /// Reads everything on record. Asked once, before the first commit.
    ///
    /// - Parameters:
    ///   - take: Given the jobs, oldest first, some at a time: there may be very many.
    ///   - then: Told what was started for which request, oldest first, when all jobs were taken;
    ///     jobs that were deleted included.
    func load(
        _ take: @escaping ([JobRecord]) -> Void,
        then: @escaping (Result<[RecordedRequest], RecordsError>) -> Void)

    /// Puts a change on record; once `then` hears of success it survives a loss of power.
    ///
    /// Changes become durable in the order in which they were committed. One that failed has not
    /// happened, and those after it are none the worse for it.
    func commit(_ change: RecordChange, then: @escaping (Result<Void, RecordsError>) -> Void)
}

/// One step in the life of a job that must not be forgotten.
package enum RecordChange: Hashable, Sendable {
    /// A job was accepted. On record before there is a process.
    case accepted(JobRecord)
    /// Its turn to be started has come, and its control group will be there. On record before there
    /// is anything of it.
    case queueingOver(JobID, controlGroup: String?)
    /// Somebody asked for its end. On record before the signal is sent.
    case stopRequested(JobID, StopIntent)
    /// Its limits are to be others. On record before they are written.
    case limitsChanged(JobID, ResourceLimits)
    /// How it ended was read.
    case ended(JobID, JobEnd)
    /// Somebody asked for its deletion. On record before the first file goes.
    case deletionBegan(JobID)
    /// Nothing of it is left; only its request id is remembered.
    case deleted(JobID)
}

/// A request id that was used.
package struct RecordedRequest: Hashable, Sendable {
    /// Whose it is.
    package var owner: Tenant
    /// The id, as its owner wrote it.
    package var requestID: String
    /// What was made for it.
    package var jobID: JobID

    /// Notes a use.
    package init(owner: Tenant, requestID: String, jobID: JobID) {
        self.owner = owner
        self.requestID = requestID
        self.jobID = jobID
    }
}

/// Why something cannot be put on record, or be read from there.
package enum RecordsError: Error, Hashable, Sendable {
    /// There is no space for it. Worth another try when there is.
    case full(problem: String)
    /// The storage failed. It may be worth another try.
    case unavailable(problem: String)
    /// What is there cannot be read as records; it will not get better by itself.
    case unreadable(problem: String)
}

extension RecordsError: CustomStringConvertible {
    /// What went wrong, for the daemon's log.
    package var description: String {
        switch self {
        case .full(let problem), .unavailable(let problem), .unreadable(let problem): problem
        }
    }
}
