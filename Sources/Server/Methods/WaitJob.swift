import Jobs
import JobsAPI
import SwiftProtobuf

/// Answers when the job has ended.
struct WaitJob: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_WaitJobRequest, to call: UnaryCall<Cmdctl_V1_WaitJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        let waiter = jobs.wait(job) { job in
            call.reply(serialized: ProtobufWriter.answer(job))
        }
        call.onCancel = { [jobs] in jobs.cancel(waiter) }
    }
}
