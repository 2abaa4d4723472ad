import ArgumentParser
import JobsAPI
import SwiftProtobuf

/// `cmdctl stop`: asks jobs to end, and after a grace ends them.
struct StopJob: Verb {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop jobs: a signal, a grace, then kill; returns when they have ended.",
        usage: "cmdctl stop [options] <job> ...",
        discussion: """
            EXAMPLES:
              cmdctl stop build                   SIGTERM, and SIGKILL 10 s later
              cmdctl stop --grace 1m --signal INT build
              cmdctl stop --grace 0 build         SIGKILL at once
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Option(
        help: ArgumentHelp("How long a job may take to end: 10s, 1m30s, 0.", valueName: "duration"),
        transform: DurationText.init(parsing:))
    var grace = DurationText(.seconds(10))

    @Option(
        help: ArgumentHelp("The signal to begin with, by name or number.", valueName: "signal"),
        transform: SignalName.init(parsing:))
    var signal = SignalName(number: 15)

    @Argument(help: .job)
    var jobs: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let requests = jobs.map(request)
        return try JobBatch(jobs: jobs, session: session).run { caller, index throws(Failure) in
            try caller.begin(.stopJob, requests[index], timeout: grace.duration + Limits.stopMargin)
                .map(\.job)
        }
    }

    /// The message that stops one job.
    func request(for job: String) -> Cmdctl_V1_StopJobRequest {
        var request = Cmdctl_V1_StopJobRequest()
        request.job = job
        request.signal = signal.number
        request.gracePeriod = Google_Protobuf_Duration(rounding: grace.duration, rule: .up)
        return request
    }
}
