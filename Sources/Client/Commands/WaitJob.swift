import ArgumentParser
import JobsAPI
import SwiftProtobuf

/// `cmdctl wait`: returns when jobs have ended, with what they ended with.
struct WaitJob: Verb {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until jobs have ended.",
        usage: "cmdctl wait [options] <job> ...",
        discussion: """
            EXAMPLES:
              cmdctl wait build                 and exit as the job did
              cmdctl wait --timeout 5m build    124 if that is not long enough
              cmdctl wait a b c                 0 if all succeeded, otherwise 1

            A server that is restarted meanwhile, or a connection that breaks, does not end the wait.
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "How long to wait at most; for ever unless given.", valueName: "duration"),
        transform: DurationText.init(parsing:))
    var timeout: DurationText?

    @OptionGroup var reconnection: ReconnectOptions

    @Argument(help: .job)
    var jobs: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let batch = LastingBatch(
            jobs: jobs, session: session, connection: try session.connectLastingly(reconnection))
        let results = try batch.answers(within: timeout?.duration) {
            caller, job, _ throws(Failure) in
            try caller.beginWaiting(for: job)
        }.enumerated().map { index, result in result.mapError { explained($0, jobs[index]) } }
        try session.show(results)
        return ExitStatus(waitingFor: results)
    }

    /// That the time is over is no fault of the server's.
    private func explained(_ failure: Failure, _ job: String) -> Failure {
        guard failure == .timeOver, let timeout else { return failure }
        return Failure(
            reason: failure.reason, "job \(job) has not ended within \(timeout)",
            remedy: "It goes on; wait again, or `cmdctl stop \(job)` ends it.",
            exitStatus: .timedOut)
    }
}

extension Caller {
    /// Asks for the end of a job; the answer comes when it has ended.
    func beginWaiting(
        for job: Cmdctl_V1_Job, timeout: Duration? = nil
    ) throws(Failure) -> PendingAnswer<Cmdctl_V1_Job> {
        if job.state == .exited { return PendingAnswer { .success(job) } }
        let request = Cmdctl_V1_WaitJobRequest.with { $0.job = job.id }
        return try begin(.waitJob, request, timeout: timeout).map(\.job)
    }
}

extension ExitStatus {
    /// One job is mirrored; of several it is only told whether all succeeded.
    init(waitingFor results: [Result<Cmdctl_V1_Job, Failure>]) {
        if results.count == 1 {
            switch results[0] {
            case .success(let job): self = ExitStatus(mirroring: job)
            case .failure(let failure): self = failure.exitStatus
            }
            return
        }
        let allSucceeded = results.allSatisfy { (try? $0.get())?.outcome == .succeeded }
        self = allSucceeded ? .success : .someFailed
    }
}
