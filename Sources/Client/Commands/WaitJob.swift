import ArgumentParser
import JobsAPI

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
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "How long to wait at most; for ever unless given.", valueName: "duration"),
        transform: DurationText.init(parsing:))
    var timeout: DurationText?

    @Argument(help: .job)
    var jobs: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let batch = JobBatch(jobs: jobs, session: session)
        let results = try batch.results { caller, index throws(Failure) in
            var request = Cmdctl_V1_WaitJobRequest()
            request.job = jobs[index]
            return try caller.begin(.waitJob, request, timeout: timeout?.duration).map(\.job)
        }.enumerated().map { index, result in result.mapError { explained($0, jobs[index]) } }
        try batch.show(results)
        return ExitStatus(waitingFor: results)
    }

    /// That the time is over is no fault of the server's.
    private func explained(_ failure: Failure, _ job: String) -> Failure {
        guard failure.exitStatus == .timedOut, let timeout else { return failure }
        return Failure(
            reason: failure.reason, "job \(job) has not ended within \(timeout)",
            remedy: "It goes on; wait again, or `cmdctl stop \(job)` ends it.",
            exitStatus: .timedOut)
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
