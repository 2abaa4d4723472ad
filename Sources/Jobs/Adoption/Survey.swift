import Reactor

/// What lies in the state directory, held against what is on record; for a worker, since there may be
/// a hundred thousand of each.
struct Survey: Sendable {
    /// The jobs that have an index.
    let indexed: Set<JobID>
    /// Those of them that were not on record, oldest first.
    let strays: [JobRecord]

    /// Looks once at the directory, and at no file in it; `groups` are those that jobs have now.
    ///
    /// Where jobs are not on record, the processes and the routes are gone through once: users and
    /// addresses of those that live must not be given to others.
    init(
        of recorded: [JobID], by scout: Scout, _ groups: ControlGroups?
    ) throws(Errno) {
        let directory = scout.directory
        indexed = try directory.indexedJobs(expecting: recorded.count)
        var search = ShimSearch(kernel: directory.kernel, userID: scout.userID)
        let unrecorded = indexed.subtracting(recorded).sorted()
        let routes = unrecorded.isEmpty ? nil : JobRoutes(of: directory.kernel)
        strays = unrecorded.map { id in
            var record = JobRecord(recovered: id, controlGroup: groups?.group(of: id).path)
            record.subIDBase = search.subIDBase(of: id)
            record.networkAddress = routes?.address(of: id)
            return record
        }
    }
}

extension LogDirectory {
    /// The jobs that have an index.
    fileprivate func indexedJobs(expecting count: Int) throws(Errno) -> Set<JobID> {
        var jobs = Set<JobID>(minimumCapacity: count)
        try kernel.list(path) { name in
            if let id = jobID(ofIndex: name), id.isOfJob { jobs.insert(id) }
        }
        return jobs
    }
}

extension JobRecord {
    /// A job of which nothing is known but its identifier, which tells when it was made.
    ///
    /// Its group is where it would be made today, since nobody knows whether it was made elsewhere.
    fileprivate init(recovered id: JobID, controlGroup: String?) {
        self.init(
            id: id, owner: nil, order: JobOrder(nil),
            createdAt: Timestamp(nanoseconds: Int64(id.unixMilliseconds) * 1_000_000),
            controlGroup: controlGroup)
    }
}
