import JobsAPI

/// What the process exits with.
///
/// A job's own code is mirrored, and a signal as 128 + its number, as shells do. What fails on the
/// way has the codes Docker's users know; that a job's own code can be one of them is so there, too.
struct ExitStatus: Equatable {
    let code: Int32

    static let success = ExitStatus(code: 0)
    /// Of several jobs waited for, one did not succeed.
    static let someFailed = ExitStatus(code: 1)
    /// The command line makes no sense. sysexits(3): EX_USAGE
    static let usage = ExitStatus(code: 64)
    /// A time limit was over; as timeout(1).
    static let timedOut = ExitStatus(code: 124)
    /// cmdctl, the server or the way between them failed; also when nobody knows how a job ended.
    static let ownFailure = ExitStatus(code: 125)
    /// The program is there, but cannot be executed.
    static let notExecutable = ExitStatus(code: 126)
    /// The program is not there.
    static let notFound = ExitStatus(code: 127)
    /// Left by ^C: what a shell says of a process that SIGINT ended, and what `docker logs -f` and
    /// `kubectl logs -f` exit with.
    static let interrupted = ExitStatus(code: 130)
}

extension ExitStatus {
    /// What mirrors the end of `job`; a job that has not ended is nobody's failure.
    init(mirroring job: Cmdctl_V1_Job) {
        switch job.outcome {
        case .timedOut: self = .timedOut
        case .startFailed: self = ExitStatus(ofStartFailure: job.startFailure)
        case .lost: self = .ownFailure
        case .unspecified where job.state != .exited: self = .success
        case .unspecified, .succeeded, .failed, .stopped, .killed, .oomKilled, .UNRECOGNIZED:
            self = ExitStatus(ofCommand: job)
        }
    }

    /// Neither code nor signal, or one that no process can have, means that nobody knows; that must
    /// never look like success, as 256 would: of a code its last eight bits count, exit(3).
    private init(ofCommand job: Cmdctl_V1_Job) {
        if job.hasSignal {
            code = (1...127).contains(job.signal) ? 128 + job.signal : Self.ownFailure.code
        } else {
            let isKnown = job.hasExitCode && (0...255).contains(job.exitCode)
            code = isKnown ? job.exitCode : Self.ownFailure.code
        }
    }

    /// errno(3): ENOENT 2; EACCES 13, ENOEXEC 8, EISDIR 21.
    private init(ofStartFailure failure: Cmdctl_V1_StartFailure) {
        switch (failure.stage, failure.errorNumber) {
        case (.execute, 2): self = .notFound
        case (.execute, 13), (.execute, 8), (.execute, 21): self = .notExecutable
        default: self = .ownFailure
        }
    }
}
