import Jobs
import JobsAPI
import SwiftProtobuf

/// Lets a paused job go on.
struct ResumeJob: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_ResumeJobRequest, to call: UnaryCall<Cmdctl_V1_ResumeJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        jobs.resume(job) { result in
            call.finish(result) { job in .with { $0.job = .init(job) } }
        }
    }
}
