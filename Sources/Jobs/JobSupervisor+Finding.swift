/// What is there, and what can be had.
extension JobSupervisor {
    /// What a job gets whose specification leaves it to the supervisor.
    package var isolationByDefault: JobSpecification.Isolation { sandboxes.byDefault }

    /// The isolations that jobs can have here.
    package var isolations: [JobSpecification.Isolation] { sandboxes.available }

    /// How many jobs have not ended.
    package var liveJobCount: Int { live.count }

    /// The job that `selector` means to a viewer: an identifier, a beginning of one of at least four
    /// characters, or a name; for admins also `tenant/name`.
    package func job(_ selector: String, for viewer: Viewer) throws(JobError) -> Job {
        let job = try table.job(selector, for: viewer)
        refresh(job)
        return job
    }

    /// A page of the jobs that a viewer may see, newest first.
    ///
    /// - Parameters:
    ///   - filter: Which jobs.
    ///   - after: The last job of the page before.
    ///   - limit: The most jobs to answer.
    ///   - viewer: For whom.
    /// - Returns: The page, and whether there is another one.
    package func list(
        _ filter: JobFilter, after: JobID?, limit: Int, for viewer: Viewer
    ) -> (jobs: [Job], more: Bool) {
        let page = table.list(filter, after: after, limit: limit, for: viewer)
        for job in page.jobs { refresh(job) }
        return page
    }

    /// Nobody tells the supervisor how long the log of a live job is, nor who left the queue before
    /// it; it asks when it is asked.
    func refresh(_ job: Job) {
        job.queuePosition =
            job.life.isQueued ? gate.queue.position(of: job.id, of: job.owner) : nil
        guard !job.hasEnded, job.startedAt != nil else { return }
        job.outputSize = host.outputSize(of: job.id) ?? job.outputSize
    }
}
