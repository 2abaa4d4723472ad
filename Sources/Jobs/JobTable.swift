import OrderedCollections

/// All jobs there are, oldest first, and the ways to name one.
///
/// What a viewer may not see does not exist for that viewer: every way in takes the viewer and
/// answers for a foreign job exactly as for a missing one.
struct JobTable {
    /// Identifiers only grow, so the order of insertion is their order, and a search can halve.
    private var jobs: OrderedDictionary<JobID, Job> = [:]
    /// Jobs by name and owner, oldest first; at most the last of each list is live.
    private var named: [String: [Tenant: [Job]]] = [:]

    /// How many jobs there are.
    var count: Int { jobs.count }

    /// Every job, oldest first.
    var all: some RandomAccessCollection<Job> { jobs.values }

    /// The last that was added.
    var newest: Job? { jobs.values.last }

    /// The job of that identifier.
    subscript(_ id: JobID) -> Job? { jobs[id] }

    /// Makes room for so many more, which saves those who add many from making it again and again.
    mutating func reserve(_ count: Int) {
        jobs.reserveCapacity(jobs.count + count)
    }

    /// Adds a job, which must be newer than all others; whoever starts one has seen to its name.
    mutating func insert(_ job: Job) {
        precondition(jobs.keys.last.map { $0 < job.id } != false, "identifiers only grow")
        jobs[job.id] = job
        guard let name = job.name else { return }
        named[name, default: [:]][job.owner, default: []].append(job)
    }

    /// Removes a job that has ended, or never became one.
    mutating func remove(_ job: Job) {
        precondition(job.hasEnded || job.isHidden, "a live job cannot be removed")
        guard jobs.removeValue(forKey: job.id) != nil, let name = job.name else { return }
        named[name]?[job.owner]?.removeAll { $0 === job }
        if named[name]?[job.owner]?.isEmpty == true { named[name]?[job.owner] = nil }
        if named[name]?.isEmpty == true { named[name] = nil }
    }

    /// The live job of that name, if its owner has one.
    func liveJob(named name: String, of owner: Tenant) -> Job? {
        guard let newest = named[name]?[owner]?.last, !newest.hasEnded else { return nil }
        return newest
    }

    // MARK: Selectors

    /// Fewer characters of an identifier are not taken for one.
    static let prefixLengthMin = 4
    /// So many matches are told to one whose selector is ambiguous.
    static let matchesShownMax = 5

    /// The job that `selector` means to `viewer`.
    ///
    /// It is read as a whole identifier, then as a name (of a live job, else of the newest that has
    /// ended), then as the beginning of an identifier; an admin may write `tenant/name`.
    func job(_ selector: String, for viewer: Viewer) throws(JobError) -> Job {
        if let id = JobID(selector) {
            guard let job = jobs[id], viewer.maySee(job) else {
                throw .jobNotFound(selector: selector)
            }
            return job
        }
        let candidates = candidates(for: selector, viewer)
        guard let job = candidates.first else { throw .jobNotFound(selector: selector) }
        guard candidates.count == 1 else {
            throw .jobAmbiguous(selector: selector, matches: JobTable.shown(candidates))
        }
        return job
    }

    private func candidates(for selector: String, _ viewer: Viewer) -> [Job] {
        let byName = jobs(named: selector, for: viewer)
        return byName.isEmpty ? jobs(beginning: selector, for: viewer) : byName
    }

    private func jobs(named selector: String, for viewer: Viewer) -> [Job] {
        var newest: [Job]
        if viewer.isAdmin, let slash = selector.lastIndex(of: "/") {
            let name = String(selector[selector.index(after: slash)...])
            let owner = selector[..<slash].utf8
            newest = (named[name] ?? [:]).filter { $0.key.nameBytes.elementsEqual(owner) }
                .compactMap { JobTable.newest($0.value) }
        } else if viewer.isAdmin {
            newest = (named[selector] ?? [:]).values.compactMap(JobTable.newest)
        } else {
            newest = (named[selector]?[viewer.tenant]).flatMap(JobTable.newest).map { [$0] } ?? []
        }
        let live = newest.filter { !$0.hasEnded }
        newest = live.isEmpty ? newest : live
        return newest.sorted { $0.id < $1.id }
    }

    private static func newest(_ jobs: [Job]) -> Job? {
        jobs.last { !$0.isHidden }
    }

    private func jobs(beginning prefix: String, for viewer: Viewer) -> [Job] {
        guard let bounds = JobID.range(ofPrefix: prefix) else { return [] }
        return Array(
            jobs.values[firstIndex(notBelow: bounds.lowerBound)...].lazy
                .prefix { $0.id <= bounds.upperBound }
                .filter { viewer.maySee($0) }
                .prefix(JobTable.matchesShownMax))
    }

    private static func shown(_ candidates: [Job]) -> [String] {
        candidates.prefix(matchesShownMax).map { job in
            job.name.map { "\(job.id) (\(job.owner.name)/\($0))" } ?? "\(job.id)"
        }
    }

    // MARK: Lists

    /// The next page of the jobs that `viewer` may see and `filter` lets through, newest first.
    ///
    /// - Parameters:
    ///   - filter: Which jobs.
    ///   - after: The last job of the page before.
    ///   - limit: The most jobs to answer.
    ///   - viewer: For whom.
    /// - Returns: The page, and whether there is another one.
    func list(
        _ filter: JobFilter, after: JobID?, limit: Int, for viewer: Viewer
    ) -> (jobs: [Job], more: Bool) {
        let end = after.map { firstIndex(notBelow: $0) } ?? jobs.count
        let matching = jobs.values[..<end].reversed().lazy
            .filter { viewer.maySee($0) && filter.matches($0) }
        let page = Array(matching.prefix(limit + 1))
        return (Array(page.prefix(limit)), page.count > limit)
    }

    private func firstIndex(notBelow id: JobID) -> Int {
        var low = 0
        var high = jobs.count
        while low < high {
            let middle = (low + high) / 2
            if jobs.keys[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Viewer {
    /// Whether a job exists as far as this viewer can tell.
    fileprivate func maySee(_ job: Job) -> Bool {
        !job.isHidden && maySee(jobsOf: job.owner)
    }
}

extension JobID {
    /// The lowest and the highest identifier that begin with `prefix`; nil when none can.
    static func range(ofPrefix prefix: String) -> ClosedRange<JobID>? {
        let length = prefix.utf8.count
        guard (JobTable.prefixLengthMin..<36).contains(length) else { return nil }
        let form = "00000000-0000-0000-0000-000000000000"
        let lowest = JobID(prefix + form.suffix(36 - length))
        let highest = JobID(
            prefix + form.suffix(36 - length).map { $0 == "-" ? "-" : "f" })
        guard let lowest, let highest else { return nil }
        return lowest...highest
    }
}
