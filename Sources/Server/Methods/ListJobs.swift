import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf

/// Lists jobs, newest first.
struct ListJobs: UnaryMethod {
    let jobs: JobSupervisor

    func answer(
        _ request: Cmdctl_V1_ListJobsRequest, to call: UnaryCall<Cmdctl_V1_ListJobsResponse>
    ) throws(CallError) {
        let limit = try Self.pageSize(request.pageSize)
        var token: PageToken?
        if !request.pageToken.isEmpty {
            token = try PageToken(request.pageToken, filter: request.filter)
        }
        guard let filter = try JobFilter(request.filter) else { return call.reply(.init()) }
        let page = jobs.list(filter, after: token?.last, limit: limit, for: call.caller.viewer)
        call.reply(response(page.jobs, more: page.more, filter: request.filter))
    }

    /// How many there may be on a page.
    static func pageSize(_ asked: Int32) throws(CallError) -> Int {
        guard asked >= 0 else {
            throw .badRequest([
                FieldViolation(field: "page_size", description: "It must not be negative.")
            ])
        }
        return asked == 0 ? Limits.pageSizeDefault : min(Int(asked), Limits.pageSizeMax)
    }

    /// As many of the jobs as fit into one response; the token then names the last of those.
    private func response(
        _ jobs: [Job], more: Bool, filter: Cmdctl_V1_JobFilter
    ) -> Cmdctl_V1_ListJobsResponse {
        var response = Cmdctl_V1_ListJobsResponse()
        var size = 0
        var last: JobID?
        for job in jobs {
            let message = Cmdctl_V1_Job(job)
            size += (try? message.serializedBytes() as [UInt8])?.count ?? 0
            guard size <= Limits.pageBytesMax || response.jobs.isEmpty else { break }
            response.jobs.append(message)
            last = job.id
        }
        if let last, more || response.jobs.count < jobs.count {
            response.nextPageToken = PageToken(last: last, filter: filter).text
        }
        return response
    }
}

extension JobFilter {
    /// Reads a filter; nil if no job of this server can match it.
    fileprivate init?(_ message: Cmdctl_V1_JobFilter) throws(CallError) {
        self.init()
        states = Set(message.states.compactMap { JobState($0) })
        outcomes = Set(message.outcomes.compactMap { JobOutcome($0) })
        owner = message.owner.isEmpty ? nil : message.owner
        name = message.name.isEmpty ? nil : message.name
        labels = message.labels
        if message.hasCreatedAfter {
            createdAfter = try time(message.createdAfter, field: "filter.created_after")
        }
        if message.hasCreatedBefore {
            createdBefore = try time(message.createdBefore, field: "filter.created_before")
        }
        // States and outcomes of later versions name no job here, which is not the same as any.
        if states.isEmpty && !message.states.isEmpty { return nil }
        if outcomes.isEmpty && !message.outcomes.isEmpty { return nil }
    }
}

private func time(
    _ message: Google_Protobuf_Timestamp, field: String
) throws(CallError) -> Timestamp {
    guard let time = Timestamp(validating: message) else {
        throw .badRequest([FieldViolation(field: field, description: "It is not a time.")])
    }
    return time
}
