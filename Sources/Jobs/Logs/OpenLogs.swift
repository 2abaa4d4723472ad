import Reactor

/// The logs that are being followed: each is open once, however many follow it.
final class OpenLogs {
    private let directory: LogDirectory
    private let watcher: LogWatcher
    private var files: [JobID: LogFile] = [:]
    /// Refuses to open one more log than there may be.
    var checkRoom: () throws(JobError) -> Void = {}
    /// Those who follow a job that is still starting.
    private var early: [JobID: Roster<LogFollower>] = [:]

    init(directory: LogDirectory, watcher: LogWatcher) {
        self.directory = directory
        self.watcher = watcher
    }

    /// How many logs are open.
    var count: Int { files.count }

    // MARK: Followers

    /// Lets a follower know of every change from now on, and hands it the log: nil as long as the
    /// job is starting, and when it never ran.
    func add(_ follower: LogFollower, to job: Job) throws(JobError) -> LogFile? {
        guard job.startedAt != nil else {
            if !job.hasEnded { early[job.id, default: Roster()].insert(follower) }
            return nil
        }
        let file = try file(of: job)
        file.add(follower)
        // Before the follower's first read: a write between the two would otherwise wake nobody.
        // Of a log that is complete there is nothing more to hear.
        if !job.hasEnded { watcher.watch(file) }
        return file
    }

    /// Lets go of a follower; with the last one of a log goes its watch, and it is closed.
    func remove(_ follower: LogFollower, from id: JobID) {
        early[id]?.remove(follower)
        if early[id]?.isEmpty == true { early[id] = nil }
        guard let file = files[id] else { return }
        file.remove(follower)
        guard !file.hasFollowers else { return }
        watcher.unwatch(file)
        // A read in flight keeps its own hold on the descriptors.
        files[id] = nil
    }

    private func file(of job: Job) throws(JobError) -> LogFile {
        if let file = files[job.id] { return file }
        try checkRoom()
        do {
            let file = try directory.open(job.id, isSealed: job.hasEnded)
            files[job.id] = file
            return file
        } catch  where error.meansOutOfDescriptors {
            throw .outOfDescriptors
        } catch {
            throw .storageUnavailable(path: directory.logPath(of: job.id), problem: "\(error)")
        }
    }

    private func takeEarly(_ id: JobID) -> Roster<LogFollower> {
        early.removeValue(forKey: id) ?? Roster()
    }

    // MARK: Jobs

    /// The job has a log now.
    func started(_ id: JobID) {
        for follower in takeEarly(id).members { follower.logChanged() }
    }

    /// The log is complete: tells its followers, and watches it no longer.
    func seal(_ id: JobID) {
        for follower in takeEarly(id).members { follower.logSealed() }
        guard let file = files[id] else { return }
        watcher.unwatch(file)
        file.sealFollowers()
    }
}
