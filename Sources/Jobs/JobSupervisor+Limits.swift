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
        lookAtDevices(for: specification, terms) { [self] devices in
            then(
                Result { () throws(JobError) in
                    Job(
                        try accept(
                            specification, devices, owner: owner.tenant, terms, requestID: nil))
                })
        }
    }

    /// Finds out which disks there are, where that matters; else `then` is told at once.
    func lookAtDevices(
        for specification: JobSpecification, _ terms: StartTerms,
        then: @escaping (BlockDevices?) -> Void
    ) {
        let names = limitPolicy.devices(specification.limits, terms.limitCeiling)
        guard !names.isEmpty else { return then(nil) }
        let kernel = reactor.kernel
        reactor.perform(on: .files) {
            BlockDevices(of: kernel, lookingFor: names)
        } then: {
            then($0)
        }
    }

    /// What a job would get.
    func grant(
        _ request: ResourceLimits, _ devices: BlockDevices?, _ terms: StartTerms
    ) throws(JobError) -> LimitGrant {
        try limitPolicy.grant(
            request, within: [terms.limitCeiling], offer: groups?.offer ?? LimitOffer(),
            devices: devices)
    }
}
