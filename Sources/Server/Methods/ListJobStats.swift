import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf

/// Tells what live jobs take at this moment.
struct ListJobStats: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_ListJobStatsRequest,
        to call: UnaryCall<Cmdctl_V1_ListJobStatsResponse>
    ) throws(CallError) {
        let page = try page(of: request, for: call.caller)
        jobs.usage(of: page.jobs) { usages in
            call.reply(
                .with {
                    $0.stats = zip(page.jobs, usages).map { .init($0, $1, at: jobs.now) }
                    $0.nextPageToken = page.token
                })
        }
    }

    private func page(
        of request: Cmdctl_V1_ListJobStatsRequest, for caller: Caller
    ) throws(CallError) -> (jobs: [Job], token: String) {
        let limit = try ListJobs.pageSize(request.pageSize)
        // The token is bound to the question, which is always the same one here.
        let question = Cmdctl_V1_JobFilter()
        guard request.jobs.isEmpty else { return (try named(request.jobs, for: caller), "") }
        var token: PageToken?
        if !request.pageToken.isEmpty {
            token = try PageToken(request.pageToken, filter: question)
        }
        let live = JobFilter(states: Set(JobState.allCases).subtracting([.exited]))
        let page = jobs.list(live, after: token?.last, limit: limit, for: caller.viewer)
        guard page.more, let last = page.jobs.last else { return (page.jobs, "") }
        return (page.jobs, PageToken(last: last.id, filter: question).text)
    }

    private func named(_ selectors: [String], for caller: Caller) throws(CallError) -> [Job] {
        guard selectors.count <= Limits.pageSizeMax else {
            throw .badRequest([
                FieldViolation(
                    field: "jobs", description: "Name at most \(Limits.pageSizeMax).")
            ])
        }
        var found: [Job] = []
        for selector in selectors {
            let job = try jobs.find(selector, for: caller)
            if !job.hasEnded { found.append(job) }
        }
        return found
    }
}
