import ArgumentParser
import JobsAPI

/// `cmdctl stats`: what jobs take at this moment.
struct ListJobStats: Verb {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show what live jobs take, as their control groups tell.",
        usage: "cmdctl stats [options] [<job> ...]",
        discussion: """
            EXAMPLES:
              cmdctl stats                        all your live jobs
              cmdctl stats -o wide build          with disks and pressure
              cmdctl stats -o json build          every number, for a program

            Times and transfers count from the start of the job. A dash stands for what the server's
            host cannot tell.
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Argument(help: .job)
    var jobs: [String] = []

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let sample = try session.connect().stats(of: jobs)
        try session.print(try session.renderer.stats(sample))
        return .success
    }
}

extension Caller {
    /// All pages of stats.
    func stats(of jobs: [String]) throws(Failure) -> Cmdctl_V1_ListJobStatsResponse {
        var all = Cmdctl_V1_ListJobStatsResponse()
        var request = Cmdctl_V1_ListJobStatsRequest()
        request.jobs = jobs
        request.pageSize = Int32(Limits.listPage)
        repeat {
            let page = try answer(to: .listJobStats, request)
            all.stats += page.stats
            request.pageToken = page.nextPageToken
        } while !request.pageToken.isEmpty
        return all
    }
}
