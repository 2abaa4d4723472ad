/// Everything that can be wrong with a request about jobs; each case carries what its sentence says.
public enum JobError: Error, Hashable, Sendable {
    /// No job matches, among those the caller may see.
    case jobNotFound(selector: String)
    /// More than one job matches.
    case jobAmbiguous(selector: String, matches: [String])
    /// What was asked for needs a live job.
    case jobAlreadyEnded(JobID)
    /// What was asked for needs an ended job.
    case jobStillRunning(JobID)
    /// A live job of the same owner has the name.
    case nameTaken(name: String, by: JobID)
    /// The specification cannot describe a job.
    case invalidSpecification([SpecificationProblem])
    /// Another part of the request is wrong.
    case invalidRequest(SpecificationProblem)
    /// The host cannot enforce limits that were asked for, or that the server sets.
    case limitUnavailable([MissingController])
    /// What was asked for needs a job that runs and is not being stopped.
    case jobNotRunning(JobID, JobState)
    /// The host has no control group to freeze.
    case pauseUnavailable
    /// A process of the job waits in the kernel and cannot be frozen.
    case pauseFailed(JobID)
    /// The job's control group cannot be told to thaw.
    case resumeFailed(JobID, problem: String)
    /// The kernel does not take a limit.
    case limitRefused(file: String, problem: String)
    /// A change of limits makes no sense.
    case invalidUpdate([SpecificationProblem])
    /// The request id was used before, for something else.
    case requestIDReused(requestID: String)
    /// The request id was used before, for a job that has been deleted since.
    case jobDeleted(JobID, requestID: String)
    /// The job could not be started; its record stays.
    case startFailed(JobID, StartFailure)
    /// Output was asked for from beyond its end.
    case offsetOutOfRange(offset: UInt64, size: UInt64)
    /// The server cannot keep a job apart from the host in the way that was asked for.
    case isolationUnavailable(JobSpecification.Isolation, missing: String)
    /// All users of the host that jobs may have are other tenants'.
    case outOfUserRanges
    /// Something is wrong with an image.
    case image(ImageError)
    /// The server cannot give a job a private network.
    case networkUnavailable(missing: String)
    /// All addresses of private networks are taken.
    case outOfAddresses
    /// More starts are under way than there may be.
    case tooManyStarts
    /// The policy does not let the caller have that.
    case policyDenied(PolicyDenial)
    /// So many jobs wait already.
    case queueFull(QuotaHolder, max: Int)
    /// What the jobs take in memory that wait already, and this one, is too much.
    case queueTooLarge(QuotaHolder, bytesMax: Int)
    /// Jobs are started too often.
    case rateLimited(QuotaHolder, StartRate, wait: Duration)
    /// The job needs more than there is, even if nothing else ran; nil: it has no limit.
    case quotaTooSmall(QuotaHolder, QuotaResource, asked: UInt64?, max: UInt64)
    /// A job that runs is to have more than the others leave of the quota.
    case quotaUsedUp(QuotaHolder, QuotaResource, asked: UInt64, free: UInt64)
    /// There are too few descriptors for what was asked for.
    case outOfDescriptors
    /// The server is shutting down and starts nothing more.
    case draining
    /// Another supervisor holds the state directory.
    case stateDirectoryInUse(path: String, holder: Int32?)
    /// The state directory, or something in it, cannot be used.
    case storageUnavailable(path: String, problem: String)
    /// There is no space to put on record what was asked for.
    case recordsFull(problem: String)
    /// What was asked for cannot be put on record.
    case recordsUnavailable(problem: String)
    /// What is on record cannot be read, and will not get better by itself.
    case recordsUnreadable(problem: String)
}

extension JobError {
    /// What the storage of records says, to the one whose request needed it.
    package init(_ error: RecordsError) {
        switch error {
        case .full(let problem): self = .recordsFull(problem: problem)
        case .unavailable(let problem): self = .recordsUnavailable(problem: problem)
        case .unreadable(let problem): self = .recordsUnreadable(problem: problem)
        }
    }
}

extension JobError {
    /// The stable upper-case code of the error, for programs.
    public var reason: String {
        switch self {
        case .jobNotFound: "JOB_NOT_FOUND"
        case .jobAmbiguous: "JOB_AMBIGUOUS"
        case .jobAlreadyEnded: "JOB_ALREADY_ENDED"
        case .jobStillRunning: "JOB_STILL_RUNNING"
        case .nameTaken: "JOB_NAME_TAKEN"
        case .invalidSpecification: "INVALID_SPEC"
        case .invalidRequest: "INVALID_REQUEST"
        case .limitUnavailable: "LIMIT_UNAVAILABLE"
        case .jobNotRunning: "JOB_NOT_RUNNING"
        case .pauseUnavailable: "PAUSE_UNAVAILABLE"
        case .pauseFailed: "PAUSE_FAILED"
        case .resumeFailed: "RESUME_FAILED"
        case .limitRefused: "LIMIT_REFUSED"
        case .invalidUpdate: "INVALID_REQUEST"
        case .requestIDReused: "REQUEST_ID_REUSED"
        case .jobDeleted: "JOB_DELETED"
        case .startFailed(_, let failure): failure.cause.reason
        case .offsetOutOfRange: "OFFSET_OUT_OF_RANGE"
        case .isolationUnavailable: "ISOLATION_UNAVAILABLE"
        case .outOfUserRanges: "OUT_OF_USER_RANGES"
        case .image(let error): error.reason
        case .networkUnavailable: "NETWORK_UNAVAILABLE"
        case .outOfAddresses: "OUT_OF_ADDRESSES"
        case .tooManyStarts: "TOO_MANY_STARTS"
        case .policyDenied: "POLICY_DENIED"
        case .queueFull, .queueTooLarge: "QUEUE_FULL"
        case .rateLimited: "RATE_LIMITED"
        case .quotaTooSmall, .quotaUsedUp: "QUOTA_EXCEEDED"
        case .outOfDescriptors: "OUT_OF_DESCRIPTORS"
        case .draining: "SERVER_DRAINING"
        case .recordsFull: "STORAGE_FULL"
        case .stateDirectoryInUse, .storageUnavailable, .recordsUnavailable, .recordsUnreadable:
            "STORAGE_UNAVAILABLE"
        }
    }

    /// The error in words: what, why, and what to do.
    public var sentence: String {
        switch self {
        case .jobNotFound(let selector):
            "No job \(quoted(selector)). It may belong to somebody else or have been deleted; "
                + "list the jobs to see yours."
        case .jobAmbiguous(let selector, let matches):
            "\(quoted(selector)) matches more than one job: \(matches.joined(separator: ", ")). "
                + "Give more of the identifier."
        case .jobAlreadyEnded(let id):
            "Job \(id) has already ended. Get its status to see how."
        case .jobStillRunning(let id):
            "Job \(id) has not ended. Stop it first, or wait for it."
        case .nameTaken(let name, let id):
            "The name \(quoted(name)) is taken by job \(id), which has not ended. "
                + "Choose another name, or stop that job."
        case .invalidSpecification(let problems):
            "The job cannot be described like this. "
                + problems.map { "\($0.field): \($0.sentence)" }.joined(separator: " ")
        case .invalidRequest(let problem):
            "The request is not valid. \(problem.field): \(problem.sentence)"
        case .limitUnavailable(let missing):
            "This server's host cannot enforce "
                + missing.map { "\($0.field) (controller \($0.controller))" }
                .joined(separator: ", ")
                + ": its control groups do not offer that to jobs. Leave the limit out, or ask the "
                + "server's administrator."
        case .jobNotRunning(let id, let state):
            "Job \(id) is \(state.rawValue), and this needs one that runs. "
                + (state == .queued
                    ? "Wait for its turn, or stop it." : "Look at it again in a moment.")
        case .pauseUnavailable:
            "This server cannot pause jobs: they have no control group on its host. Send the signal "
                + "STOP instead, or ask the server's administrator."
        case .pauseFailed(let id):
            "Job \(id) could not be paused: one of its processes waits in the kernel, for a disk or "
                + "a network perhaps. It goes on; try again later."
        case .resumeFailed(let id, let problem):
            "Job \(id) stands still as before: its control group cannot be told to go on "
                + "(\(problem)). Try again in a moment, or stop the job."
        case .limitRefused(let file, let problem):
            "The kernel of the server's host does not take this limit (\(file): \(problem)). The "
                + "limits are as they were."
        case .invalidUpdate(let problems):
            "The limits cannot be changed like this. "
                + problems.map { "\($0.field): \($0.sentence)" }.joined(separator: " ")
        case .requestIDReused(let requestID):
            "The request id \(quoted(requestID)) was used before with another specification. "
                + "Use a new one for each job."
        case .jobDeleted(let id, let requestID):
            "The request id \(quoted(requestID)) was used before for job \(id), which has been "
                + "deleted since. It is not run again; use a new id to start another one."
        case .startFailed(_, let failure):
            failure.sentence
        case .offsetOutOfRange(let offset, let size):
            "Offset \(offset) lies beyond the output, which has \(size) bytes so far. "
                + "Ask for an offset of at most \(size)."
        case .isolationUnavailable(let isolation, let missing):
            "The isolation \(isolation.rawValue) cannot be had on this server: \(missing). Nothing "
                + "was started; ask the server's administrator, who finds out more with cmdctl "
                + "doctor on that host."
        case .outOfUserRanges:
            "All users of the host that isolated jobs may run as belong to other tenants now. "
                + "Try again when jobs of others have ended."
        case .image(let error):
            error.sentence
        case .networkUnavailable(let missing):
            "A private network cannot be had on this server: \(missing). Nothing was started; ask "
                + "for another network, or the server's administrator, who finds out more with "
                + "cmdctl doctor on that host."
        case .outOfAddresses:
            "All addresses of private networks are taken. Try again when jobs have ended, or ask "
                + "the server's administrator for a larger pool."
        case .tooManyStarts:
            "The server has more jobs to start than it takes at a time. Nothing was started; try "
                + "again in a moment."
        case .policyDenied(let denial):
            denial.sentence
        case .queueFull(let holder, let max):
            holder.queueSentence(max)
        case .queueTooLarge(let holder, let max):
            holder.queueSentence(bytesMax: max)
        case .rateLimited(let holder, let rate, let wait):
            holder.rateSentence(rate, wait)
        case .quotaTooSmall(let holder, let resource, let asked, let max):
            resource.sentence(asked, holder, max)
        case .quotaUsedUp(let holder, let resource, let asked, let free):
            resource.sentence(asked, holder, free: free)
        case .outOfDescriptors:
            "The server has too few file descriptors left for this; what runs goes on. Try again "
                + "when jobs have ended, or ask the server's administrator for a higher limit."
        case .draining:
            "The server is shutting down and starts no more jobs. Try again when it is back."
        case .stateDirectoryInUse(let path, let holder):
            "The state directory of \(quoted(path)) is in use by another daemon"
                + (holder.map { " (process \($0))" } ?? "")
                + ". Stop that one, or choose another state directory."
        case .storageUnavailable(let path, let problem):
            "\(quoted(path)) cannot be used: \(problem). "
                + "See to it that the server may read and write there."
        case .recordsFull(let problem):
            "There is no space to put this on record: \(problem). Jobs that run are not affected; "
                + "try again when the server has space."
        case .recordsUnavailable(let problem):
            "This cannot be put on record: \(problem). Jobs that run are not affected; try again "
                + "when the server's storage works."
        case .recordsUnreadable(let problem):
            "The records of jobs cannot be read: \(problem). Move that file away and start again: "
                + "the jobs are then found by their index files, and only what those do not know "
                + "is lost, such as the owners."
        }
    }
}

extension StartFailure.Cause {
    /// The stable upper-case code of the cause.
    var reason: String {
        switch self {
        case .programNotFound: "PROGRAM_NOT_FOUND"
        case .programNotExecutable: "PROGRAM_NOT_EXECUTABLE"
        case .workingDirectoryUnusable: "WORKING_DIRECTORY_UNUSABLE"
        case .argumentsTooLong: "ARGUMENTS_TOO_LONG"
        case .storageFull: "STORAGE_FULL"
        case .outOfDescriptors: "OUT_OF_DESCRIPTORS"
        case .other: "START_FAILED"
        }
    }
}
