import Jobs
import JobsAPI

/// Deletes an ended job: its record, its output, its index.
struct DeleteJob: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_DeleteJobRequest, to call: UnaryCall<Cmdctl_V1_DeleteJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        jobs.delete(job) { result in
            call.finish(result) { _ in .init() }
        }
    }
}
