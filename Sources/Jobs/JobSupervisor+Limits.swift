import Reactor

extension JobSupervisor {
    /// Checks what is asked for as a start does, and starts nothing.
    ///
    /// - Parameters:
    ///   - specification: What would be run.
    ///   - owner: Whose job it would be.
    ///   - terms: What the owner is granted.
    ///   - then: Told the job as it would be, which is in no list, or why there would be none.
    package func preview(
        _ specification: JobSpecification, owner: Viewer, terms: StartTerms = StartTerms(),
        then: @escaping (Result<Job, JobError>) -> Void
    ) {
        do throws(JobError) {
            try check(specification, terms)
        } catch {
            return then(.failure(error))
        }
        lookAtDevices(for: specification.limits, terms) { [self] devices in
            do throws(JobError) {
                let record = try accept(
                    specification, devices, owner: owner, terms, requestID: nil)
                networks.check(for: specification) { then($0.map { Job(record) }) }
            } catch {
                then(.failure(error))
            }
        }
    }

    /// Finds out which disks there are, where that matters; else `then` is told at once.
    func lookAtDevices(
        for request: ResourceLimits, _ terms: StartTerms,
        then: @escaping (BlockDevices?) -> Void
    ) {
        let names = limitPolicy.devices(request, terms.limitCeiling)
        guard !names.isEmpty else { return then(nil) }
        let kernel = reactor.kernel
        reactor.perform(on: .files) {
            BlockDevices(of: kernel, lookingFor: names)
        } then: {
            then($0)
        }
    }

    /// What a job would get; one that runs is asked about each change, so nothing is decided
    /// for it.
    func grant(
        _ request: ResourceLimits, _ devices: BlockDevices?, _ terms: StartTerms,
        isUpdate: Bool = false
    ) throws(JobError) -> LimitGrant {
        var policy = limitPolicy
        if isUpdate { (policy.defaults, policy.isBestEffort) = (ResourceLimits(), false) }
        return try policy.grant(
            request, within: [terms.limitCeiling], offer: groups?.offer ?? LimitOffer(),
            devices: devices)
    }
}
