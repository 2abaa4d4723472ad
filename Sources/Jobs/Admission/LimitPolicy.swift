/// What the operator has decided about limits.
package struct LimitPolicy: Hashable, Sendable {
    /// What a job gets that asks for nothing.
    package var defaults: ResourceLimits
    /// What each job may have at most.
    package var ceiling: ResourceLimits
    /// What all jobs may take together.
    package var total: ResourceLimits
    /// Whether a job is started without the limits that the host cannot enforce, and says so; else
    /// it is refused.
    package var isBestEffort: Bool
    /// Where the control groups of jobs are made.
    package var place: ControlGroupPlace

    /// Decides; by default about nothing.
    package init(
        defaults: ResourceLimits = ResourceLimits(), ceiling: ResourceLimits = ResourceLimits(),
        total: ResourceLimits = ResourceLimits(), isBestEffort: Bool = false,
        place: ControlGroupPlace = .automatic
    ) {
        self.defaults = defaults
        self.ceiling = ceiling
        self.total = total
        self.isBestEffort = isBestEffort
        self.place = place
    }
}

/// Where the control groups of jobs are made.
package enum ControlGroupPlace: Hashable, Sendable {
    /// Beside the supervisor's own process, in the group that it was started in.
    case automatic
    /// In a directory of a version 2 hierarchy, which is made if it is missing and holds no process.
    case directory(String)
}

/// What a job gets of what it asked for.
struct LimitGrant: Hashable, Sendable {
    var limits = ResourceLimits()
    /// What it does not get, a sentence each.
    var ungranted: [String] = []
}

/// What a host can enforce on jobs.
struct LimitOffer: Equatable, Sendable {
    var controllers: Set<LimitController> = []
    /// The processors there are, as `0-3`; empty if that is not known.
    var processors = ""
}

extension LimitPolicy {
    /// The devices that any of a job's limits is about, an empty name for all of them; they must be
    /// looked at first.
    func devices(_ request: ResourceLimits, _ owners: ResourceLimits) -> Set<String> {
        Set([request, owners, defaults, ceiling].flatMap { $0.io.map(\.device) })
    }

    /// Decides what a job gets.
    ///
    /// - Parameters:
    ///   - request: What it asks for.
    ///   - owners: What its owner may have at most.
    ///   - offer: What the host can enforce.
    ///   - devices: The disks of the host; nil if nothing is about devices.
    /// - Returns: What it gets.
    /// - Throws: ``JobError/limitUnavailable(_:)``, or what is wrong with the request.
    func grant(
        _ request: ResourceLimits, within owners: [ResourceLimits] = [], offer: LimitOffer,
        devices: BlockDevices?
    ) throws(JobError) -> LimitGrant {
        func resolved(_ limits: ResourceLimits) throws(JobError) -> ResourceLimits {
            try devices?.resolve(limits) ?? limits
        }
        var ceilings: [ResourceLimits] = []
        for ceiling in [ceiling] + owners { ceilings.append(try resolved(ceiling)) }
        var limits = try ResourceLimits.effective(
            resolved(request), defaults: resolved(defaults), ceilings: ceilings)
        if !limits.cpus.isEmpty {
            let host = ResourceLimits(cpus: offer.processors)
            limits = try ResourceLimits.effective(limits, defaults: host, ceilings: [host])
        }
        let (granted, missing) = limits.granted(by: offer.controllers)
        guard missing.isEmpty || isBestEffort else { throw .limitUnavailable(missing) }
        return LimitGrant(limits: granted, ungranted: missing.map(\.sentence))
    }
}
