import Jobs
import JobsAPI
import SwiftProtobuf

/// Tells all that is known of one job.
struct GetJob: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_GetJobRequest, to call: UnaryCall<Cmdctl_V1_GetJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        call.reply(serialized: ProtobufWriter.answer(job))
    }
}

extension JobSupervisor {
    /// The job that a request names, if the caller may see it.
    func find(_ selector: String, for caller: Caller) throws(CallError) -> Job {
        guard !selector.isEmpty else {
            throw .badRequest([
                FieldViolation(field: "job", description: "Name a job by its id or name.")
            ])
        }
        do throws(JobError) {
            return try job(selector, for: caller.viewer)
        } catch {
            throw .job(error)
        }
    }
}
