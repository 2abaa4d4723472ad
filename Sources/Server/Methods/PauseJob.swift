import Jobs
import JobsAPI
import SwiftProtobuf

/// Freezes all processes of a job, and answers when they stand still.
struct PauseJob: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_PauseJobRequest, to call: UnaryCall<Cmdctl_V1_PauseJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        jobs.pause(job) { result in
            call.finish(result) { job in .with { $0.job = .init(job) } }
        }
    }
}
