import Reactor

/// What is on record and what lies in the state directory, put together; for a worker, since there
/// may be a hundred thousand of each.
struct Survey: Sendable {
    /// All jobs, oldest first: those on record, and those of which only an index is left.
    let jobs: [JobRecord]
    /// Those that have an index.
    let indexed: Set<JobID>
    /// Those that were not on record.
    let strays: [JobRecord]

    /// Looks once at the directory, and at no file in it; `groups` are those that jobs have now.
    ///
    /// Where jobs are not on record, the processes and the routes are gone through once: users and
    /// addresses of those that live must not be given to others.
    init(
        _ recorded: [JobRecord], by scout: Scout, _ groups: ControlGroups?
    ) throws(Errno) {
        let directory = scout.directory
        let suffix = ".idx"
        let names = try directory.kernel.list(directory.path).filter { $0.hasSuffix(suffix) }
        indexed = Set(
            names.compactMap { name in
                let id = JobID(String(name.dropLast(suffix.count)))
                return id.flatMap { $0.isOfJob && name == "\($0)\(suffix)" ? $0 : nil }
            })
        var search = ShimSearch(kernel: directory.kernel, userID: scout.userID)
        let unrecorded = indexed.subtracting(recorded.map(\.id)).sorted()
        let routes = unrecorded.isEmpty ? nil : JobRoutes(of: directory.kernel)
        strays = unrecorded.map { id in
            var record = JobRecord(recovered: id, controlGroup: groups?.group(of: id).path)
            record.subIDBase = search.subIDBase(of: id)
            record.networkAddress = routes?.address(of: id)
            return record
        }
        jobs = strays.isEmpty ? recorded : (recorded + strays).sorted { $0.id < $1.id }
    }
}

extension JobRecord {
    /// A job of which nothing is known but its identifier, which tells when it was made.
    ///
    /// Its group is where it would be made today, since nobody knows whether it was made elsewhere.
    fileprivate init(recovered id: JobID, controlGroup: String?) {
        self.init(
            id: id, owner: nil, specification: nil,
            createdAt: Timestamp(nanoseconds: Int64(id.unixMilliseconds) * 1_000_000),
            controlGroup: controlGroup)
    }
}
