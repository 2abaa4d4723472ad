import Reactor

/// What is on record and what lies in the state directory, put together; for a worker, since there
/// may be a hundred thousand of each.
struct Survey: Sendable {
    /// All jobs, oldest first: those on record, and those of which only an index is left.
    let jobs: [JobRecord]
    /// Those that have an index.
    let indexed: Set<JobID>
    /// Those that were not on record.
    let strays: Set<JobID>

    /// Looks once at the directory, and at no file in it.
    init(_ recorded: [JobRecord], in directory: LogDirectory) throws(Errno) {
        let suffix = ".idx"
        let names = try directory.kernel.list(directory.path).filter { $0.hasSuffix(suffix) }
        indexed = Set(names.compactMap { JobID(String($0.dropLast(suffix.count))) })
        strays = indexed.subtracting(recorded.map(\.id))
        jobs = (recorded + strays.map(JobRecord.init(recovered:))).sorted { $0.id < $1.id }
    }
}

extension JobRecord {
    /// A job of which nothing is known but its identifier, which tells when it was made.
    fileprivate init(recovered id: JobID) {
        self.init(
            id: id, owner: nil, specification: nil,
            createdAt: Timestamp(nanoseconds: Int64(id.unixMilliseconds) * 1_000_000))
    }
}
