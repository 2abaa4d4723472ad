import Reactor

/// What the supervisor needs to shut jobs off: whether it can, how, and whose users are whose.
struct Sandboxes {
    /// What a job gets whose owner does not say.
    ///
    /// Who can do everything on the host must not do it for strangers; who has no privileges to lose
    /// may run what its user may.
    let byDefault: JobSpecification.Isolation
    /// Makes the plans; nil where no job can be shut off.
    let planner: SandboxPlanner?
    private let obstacle: SandboxObstacle?
    private let mapsRanges: Bool
    private var leases: SubIDLeases

    /// Finds out what can be done here.
    init(facts: HostFacts, limits: JobLimits) {
        byDefault = facts.userID == 0 ? .strict : .host
        mapsRanges = facts.sandbox.mapsRanges
        leases = SubIDLeases(base: limits.subIDBase, rangesMax: limits.subIDRangesMax)
        guard facts.sandbox.obstacle == nil, let user = facts.userID, let group = facts.groupID
        else {
            planner = nil
            obstacle = facts.sandbox.obstacle ?? SandboxObstacle(sentence: "/proc cannot be read")
            return
        }
        do throws(Errno) {
            planner = SandboxPlanner(
                scratchBytes: limits.scratchBytes, ownUserID: user, ownGroupID: group,
                filter: try SystemCallFilter())
            obstacle = nil
        } catch {
            planner = nil
            obstacle = SandboxObstacle(sentence: "no filter of system calls can be made: \(error)")
        }
    }

    /// Those that can be had.
    var available: [JobSpecification.Isolation] {
        guard obstacle == nil else { return [.host] }
        return mapsRanges ? [.strict, .image, .host] : [.strict, .host]
    }

    /// Refuses what cannot be had.
    func check(_ specification: JobSpecification) throws(JobError) {
        let isolation = specification.isolation
        if specification.user != nil, !mapsRanges {
            let missing = "only a server that is root can run a job as another user"
            throw .isolationUnavailable(isolation, missing: missing)
        }
        guard isolation != .host else { return }
        if let obstacle {
            throw .isolationUnavailable(isolation, missing: obstacle.sentence)
        }
        if isolation == .image, !mapsRanges {
            let missing = "only a server that is root has images"
            throw .isolationUnavailable(isolation, missing: missing)
        }
    }

    /// Refuses what cannot be had any more for a job that was accepted before, perhaps by another
    /// supervisor.
    ///
    /// Without users of its own, root of a sandbox would be root of the host.
    func check(_ specification: JobSpecification, with subIDBase: UInt32?) throws(JobError) {
        try check(specification)
        let isolation = specification.isolation
        guard isolation != .host, mapsRanges != (subIDBase != nil) else { return }
        throw .isolationUnavailable(
            isolation, missing: "the server that accepted the job ran with other privileges")
    }

    /// Takes users for a job that is to be started; nil if it needs none.
    mutating func takeUsers(
        for specification: JobSpecification, of tenant: Tenant
    ) throws(JobError) -> UInt32? {
        try check(specification)
        guard specification.isolation != .host, mapsRanges else { return nil }
        guard let first = leases.take(for: tenant) else { throw .outOfUserRanges }
        return first
    }

    /// Counts the users of a job from an earlier life.
    mutating func adoptUsers(of record: JobRecord) {
        guard let first = record.subIDBase, record.end == nil, !record.isBeingDeleted else {
            return
        }
        leases.adopt(first, for: record.owner ?? .unknown)
    }

    /// Gives back the users of a job of which nothing runs any more.
    mutating func giveBackUsers(of job: Job) {
        guard let first = job.subIDBase else { return }
        leases.giveBack(first)
    }
}
