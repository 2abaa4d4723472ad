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

    /// What a job would get.
    ///
    /// - Parameters:
    ///   - request: What it asks for, after a change all of it.
    ///   - devices: The disks of the host; nil if nothing is about devices.
    ///   - terms: What its owner is granted.
    ///   - change: What is asked for of a job that runs. It has it or it is refused: nothing of it is
    ///     left out, and nothing is decided besides.
    /// - Returns: What it gets.
    /// - Throws: ``JobError/limitUnavailable(_:)``, or what is wrong with the request.
    func grant(
        _ request: ResourceLimits, _ devices: BlockDevices?, _ terms: StartTerms,
        changing change: ResourceLimits? = nil
    ) throws(JobError) -> LimitGrant {
        var policy = limitPolicy
        let offer = groups?.offer ?? LimitOffer()
        if let change {
            policy.defaults = ResourceLimits()
            let missing = change.granted(by: offer.controllers).missing
            guard missing.isEmpty else { throw .limitUnavailable(missing) }
        }
        return try policy.grant(
            request, within: [terms.limitCeiling], offer: offer, devices: devices)
    }
}
