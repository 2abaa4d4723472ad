import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf

/// Tells all that is known of one job.
///
/// Many may watch the same job and ask at the same time. Of one that has ended, all who ask within a
/// turn of the loop get the same bytes: whatever still changed meanwhile, nobody has heard of it
/// before the turn is over.
final class GetJob: UnaryMethod {
    private let jobs: JobSupervisor
    /// What was told last in this turn.
    private var told: (job: Job, answer: [UInt8])?

    init(jobs: JobSupervisor) {
        self.jobs = jobs
    }

    func answer(
        _ request: Cmdctl_V1_GetJobRequest, to call: UnaryCall<Cmdctl_V1_GetJobResponse>
    ) throws(CallError) {
        let job = try jobs.find(request.job, for: call.caller)
        if let told, told.job === job { return call.reply(serialized: told.answer) }
        let answer = ProtobufWriter.answer(job)
        if job.hasEnded { keep(answer, of: job) }
        call.reply(serialized: answer)
    }

    private func keep(_ answer: [UInt8], of job: Job) {
        if told == nil { jobs.reactor.atEndOfTurn { [self] in told = nil } }
        told = (job, answer)
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
