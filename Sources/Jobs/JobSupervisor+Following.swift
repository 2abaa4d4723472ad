import Reactor

extension JobSupervisor {
    /// Follows a job's output.
    ///
    /// - Parameters:
    ///   - job: Whose output.
    ///   - start: Where to begin.
    ///   - untilEnd: Whether to go on until the job has ended, or only to what there is now.
    /// - Returns: A follower that the caller must close.
    /// - Throws: ``JobError/offsetOutOfRange(offset:size:)``.
    package func follow(
        _ job: Job, from start: FollowStart, untilEnd: Bool
    ) throws(JobError) -> LogFollower {
        refresh(job)
        let size = job.outputSize
        let offset =
            switch start {
            case .beginning: UInt64(0)
            case .now: size
            case .offset(let offset): offset
            }
        guard offset <= size else { throw .offsetOutOfRange(offset: offset, size: size) }
        return LogFollower(
            job: job, offset: offset, end: untilEnd && !job.hasEnded ? nil : size,
            logs: host.openLogs, reactor: reactor, limits: limits, buffers: buffers)
    }
}
