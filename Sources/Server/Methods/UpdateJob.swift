import Jobs
import JobsAPI
import SwiftProtobuf

/// Changes limits of a job that runs, and answers when they hold.
struct UpdateJob: UnaryMethod {
    let jobs: JobSupervisor
    let policy: StartPolicy

    func answer(
        _ request: Cmdctl_V1_UpdateJobRequest, to call: UnaryCall<Cmdctl_V1_UpdateJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        let change = LimitChange(
            limits: ResourceLimits(request.limits), cleared: Set(request.clear))
        let terms = policy.terms(for: call.caller.identity)
        jobs.update(job, change, terms: terms) { result in
            call.finish(result) { job in .with { $0.job = .init(job) } }
        }
    }
}
