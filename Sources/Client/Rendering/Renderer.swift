import JobsAPI
import Reactor
import SwiftProtobuf

/// Turns answers into text, in the form that was asked for.
struct Renderer {
    let format: OutputFormat
    /// What relative times are relative to.
    let now: Timestamp

    /// All about one job.
    func job(_ job: Cmdctl_V1_Job) throws(Failure) -> String {
        switch format {
        case .table, .wide: JobDetails(job: job, isWide: format == .wide, now: now).text
        case .json: try JSONText.of(job)
        case .yaml: try YAMLText.of(job)
        case .name: job.id + "\n"
        }
    }

    /// A list of jobs, which as a table has a line for each; with their owners if it is wide, or
    /// for one who sees those of several.
    func jobs(
        _ response: Cmdctl_V1_ListJobsResponse, withOwners: Bool = false
    ) throws(Failure) -> String {
        switch format {
        case .table, .wide:
            JobTable(
                jobs: response.jobs, isWide: format == .wide, withOwners: withOwners, now: now
            ).text
        case .json: try JSONText.of(response)
        case .yaml: try YAMLText.of(response)
        case .name: response.jobs.map { $0.id + "\n" }.joined()
        }
    }

    /// What happened to the jobs of a verb: a sentence each, or the jobs themselves.
    func outcome(_ jobs: [Cmdctl_V1_Job]) throws(Failure) -> String {
        switch format {
        case .table, .wide: return jobs.map { $0.endSentence.printable + "\n" }.joined()
        case .name: return jobs.map { $0.id + "\n" }.joined()
        case .json, .yaml: break
        }
        if jobs.count == 1 { return try job(jobs[0]) }
        var response = Cmdctl_V1_ListJobsResponse()
        response.jobs = jobs
        return try self.jobs(response)
    }

    /// What jobs have taken.
    func stats(_ response: Cmdctl_V1_ListJobStatsResponse) throws(Failure) -> String {
        switch format {
        case .table, .wide: StatsTable(stats: response.stats, isWide: format == .wide).text
        case .json: try JSONText.of(response)
        case .yaml: try YAMLText.of(response)
        case .name: response.stats.map { $0.job + "\n" }.joined()
        }
    }

    /// What jobs took between two looks; for programs, all that the second one saw.
    func rates(
        _ response: Cmdctl_V1_ListJobStatsResponse, since before: Cmdctl_V1_ListJobStatsResponse
    ) throws(Failure) -> String {
        switch format {
        case .table, .wide: RateTable(stats: response.stats, before: before.stats).text
        case .json, .yaml, .name: try stats(response)
        }
    }

    /// A message other than jobs, for which `text` is the form for people.
    func message(_ message: any Message, text: () -> String) throws(Failure) -> String {
        switch format {
        case .table, .wide, .name: text()
        case .json: try JSONText.of(message)
        case .yaml: try YAMLText.of(message)
        }
    }
}
