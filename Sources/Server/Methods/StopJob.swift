import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf

/// Sends a signal, waits for the grace to be over, kills; answers when the job has ended.
struct StopJob: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_StopJobRequest, to call: UnaryCall<Cmdctl_V1_StopJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        let signal = request.signal == 0 ? SignalNumber.terminate : try SignalNumber(request.signal)
        let grace = try grace(of: request)
        let waiter = jobs.stop(job, signal: signal.number, grace: grace) { result in
            call.finish(result) { job in .with { $0.job = .init(job) } }
        }
        // Who leaves is not told any more; the job is stopped all the same.
        call.onCancel = { [jobs] in jobs.cancel(waiter) }
    }

    private func grace(of request: Cmdctl_V1_StopJobRequest) throws(CallError) -> Duration {
        guard request.hasGracePeriod else { return Limits.stopGraceDefault }
        guard let grace = Duration(validating: request.gracePeriod), grace <= Limits.stopGraceMax
        else {
            throw .badRequest([
                FieldViolation(
                    field: "grace_period", description: "Give 0 to \(Limits.stopGraceMax).")
            ])
        }
        return grace
    }
}
