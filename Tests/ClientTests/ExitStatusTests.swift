import JobsAPI
import Testing

@testable import Client

/// Ours, and not the one of exit tests.
typealias ExitStatus = Client.ExitStatus

/// What the process exits with; the method is a table over everything a job can have come to.
@Suite struct ExitStatusTests {
    static func job(
        _ outcome: Cmdctl_V1_JobOutcome, code: Int32? = nil, signal: Int32? = nil,
        state: Cmdctl_V1_JobState = .exited
    ) -> Cmdctl_V1_Job {
        var job = Cmdctl_V1_Job()
        job.state = state
        job.outcome = outcome
        if let code { job.exitCode = code }
        if let signal { job.signal = signal }
        return job
    }

    static let ends: [(Cmdctl_V1_Job, Int32)] = [
        (job(.succeeded, code: 0), 0),
        (job(.failed, code: 7), 7),
        (job(.failed, code: 255), 255),
        (job(.failed, signal: 11), 139),
        (job(.stopped, code: 0), 0),
        (job(.stopped, code: 3), 3),
        (job(.stopped, signal: 15), 143),
        (job(.killed, signal: 9), 137),
        (job(.killed, code: 0), 0),
        (job(.timedOut, signal: 9), 124),
        (job(.oomKilled, signal: 9), 137),
        (job(.lost), 125),
        (job(.lost, code: 0), 125),
        (job(.startFailed), 125),
        (job(.succeeded), 125),
        (job(.unspecified), 125),
        (job(.UNRECOGNIZED(99)), 125),
        (job(.UNRECOGNIZED(99), code: 5), 5),
        (job(.unspecified, state: .running), 0),
        (job(.failed, code: 256), 125),
        (job(.failed, code: -1), 125),
        (job(.killed, signal: .max), 125),
        (job(.killed, signal: -128), 125),
    ]

    @Test(arguments: ends)
    func `a job's end is mirrored, and not knowing is never success`(
        job: Cmdctl_V1_Job, code: Int32
    ) {
        #expect(ExitStatus(mirroring: job).code == code)
    }

    @Test(arguments: [
        (Cmdctl_V1_StartStage.execute, Int32(2), Int32(127)), (.execute, 13, 126),
        (.execute, 8, 126), (.execute, 21, 126), (.execute, 7, 125), (.workingDirectory, 2, 125),
        (.files, 28, 125),
    ])
    func `a start that failed has the codes of a shell`(
        stage: Cmdctl_V1_StartStage, errno: Int32, code: Int32
    ) {
        var job = Self.job(.startFailed)
        job.startFailure.stage = stage
        job.startFailure.errorNumber = errno
        #expect(ExitStatus(mirroring: job).code == code)
    }

    @Test func `waiting mirrors one job and sums several up`() {
        let good = Result<Cmdctl_V1_Job, Failure>.success(Self.job(.succeeded, code: 0))
        let bad = Result<Cmdctl_V1_Job, Failure>.success(Self.job(.failed, code: 7))
        let missing = Result<Cmdctl_V1_Job, Failure>.failure(.local("no such job"))
        #expect(ExitStatus(waitingFor: [good]).code == 0)
        #expect(ExitStatus(waitingFor: [bad]).code == 7)
        #expect(ExitStatus(waitingFor: [missing]).code == 125)
        #expect(ExitStatus(waitingFor: [good, good]).code == 0)
        #expect(ExitStatus(waitingFor: [good, bad]).code == 1)
        #expect(ExitStatus(waitingFor: [good, missing]).code == 1)
    }
}
