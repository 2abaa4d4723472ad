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
        let question = Cmdctl_V1_ListJobStatsRequest.with { $0.jobs = request.jobs }
        var token: PageToken?
        if !request.pageToken.isEmpty {
            token = try PageToken(request.pageToken, filter: question)
        }
        let page =
            request.jobs.isEmpty
            ? live(after: token?.last, limit: limit, for: caller)
            : try named(request.jobs, after: token?.last, limit: limit, for: caller)
        guard page.more, let last = page.jobs.last else { return (page.jobs, "") }
        return (page.jobs, PageToken(last: last.id, filter: question).text)
    }

    private func live(
        after last: JobID?, limit: Int, for caller: Caller
    ) -> (jobs: [Job], more: Bool) {
        let live = JobFilter(states: Set(JobState.allCases).subtracting([.exited]))
        return jobs.list(live, after: last, limit: limit, for: caller.viewer)
    }

    /// Each job once, however often it is named.
    private func named(
        _ selectors: [String], after last: JobID?, limit: Int, for caller: Caller
    ) throws(CallError) -> (jobs: [Job], more: Bool) {
        guard selectors.count <= Limits.pageSizeMax else {
            throw .badRequest([
                FieldViolation(
                    field: "jobs", description: "Name at most \(Limits.pageSizeMax).")
            ])
        }
        var found: [JobID: Job] = [:]
        for selector in selectors {
            let job = try jobs.find(selector, for: caller)
            if !job.hasEnded { found[job.id] = job }
        }
        let rest = found.values.filter { job in last.map { job.id < $0 } ?? true }
        let page = rest.sorted { $0.id > $1.id }.prefix(limit)
        return (Array(page), page.count < rest.count)
    }
}
