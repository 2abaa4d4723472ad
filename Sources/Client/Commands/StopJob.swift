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

            A job that cannot be killed, because it waits in the kernel, is not waited for: the
            answer comes 5 s after the grace, and the exit status is 125.

            A connection that breaks meanwhile is made again; the job is not asked twice.
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

    @OptionGroup var reconnection: ReconnectOptions

    @Argument(help: .job)
    var jobs: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let batch = LastingBatch(
            jobs: jobs, session: session, connection: try session.connectLastingly(reconnection))
        let results = try batch.answers { caller, job, isRepeated throws(Failure) in
            let timeout = grace.duration + Limits.stopMargin
            // A job that is asked twice may take the second time for impatience, and many do.
            if isRepeated, job.state == .stopping || job.state == .exited {
                return try caller.beginWaiting(for: job, timeout: timeout)
            }
            return try caller.begin(.stopJob, request(for: job.id), timeout: timeout).map(\.job)
        }
        try session.show(results)
        let hasUnended = results.contains { (try? $0.get())?.state == .stopping }
        let status = ExitStatus(ofFirstFailureIn: results)
        return status == .success && hasUnended ? .ownFailure : status
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
