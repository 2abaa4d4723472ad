import Logging
import Reactor

extension ControlGroups {
    /// Makes what jobs need, where it can be made, and sets what all of them may take together.
    ///
    /// - Throws: ``JobError/limitUnavailable(_:)`` when that cannot be enforced, unless the policy
    ///   does without; ``JobError/storageUnavailable(path:problem:)`` when groups cannot be made
    ///   where the operator wants them.
    init?(
        _ policy: LimitPolicy, facts: HostFacts, kernel: any Kernel, logger: Logger
    ) throws(JobError) {
        let layout: ControlGroupLayout
        do throws(ControlGroupError) {
            layout = try ControlGroupLayout(
                policy.place, own: facts.controlGroup, root: facts.controlGroupRoot,
                kernel: kernel)
        } catch {
            if case .directory(let path) = policy.place {
                throw .storageUnavailable(path: path, problem: "\(error.error)")
            }
            try Self.check(policy, LimitOffer(), logger)
            return nil
        }
        for complaint in layout.complaints { logger.warning("\(complaint)") }
        self.init(layout, kernel: kernel)
        try Self.check(policy, offer, logger)
        try limitAll(to: policy.total)
    }

    /// Says at once what no job would be told before it is too late.
    private static func check(
        _ policy: LimitPolicy, _ offer: LimitOffer, _ logger: Logger
    ) throws(JobError) {
        let all = [policy.total, policy.ceiling, policy.defaults]
        let missing = all.flatMap { $0.granted(by: offer.controllers).missing }
        guard !missing.isEmpty else { return }
        guard policy.isBestEffort else { throw .limitUnavailable(missing) }
        for shortage in missing { logger.warning("\(shortage.sentence)") }
    }

    /// The ceiling of an earlier life may have been another one.
    private func limitAll(to total: ResourceLimits) throws(JobError) {
        let names = Set(total.io.map(\.device))
        let devices = total.io.isEmpty ? nil : BlockDevices(of: kernel, lookingFor: names)
        let limits = try devices?.resolve(total) ?? total
        let before = everyLimit.granted(by: offer.controllers).limits
        let files = limits.granted(by: offer.controllers).limits
            .controlGroupFiles(replacing: before)
        for file in files {
            do throws(Errno) {
                try kernel.write(file.text, to: "\(outer)/\(file.name)")
            } catch .noEntry where total == ResourceLimits() {
                // Nothing to take back, as memory.swap.max on a kernel without it.
                continue
            } catch {
                let path = "\(outer)/\(file.name)"
                throw .storageUnavailable(path: path, problem: "\(error)")
            }
        }
    }

    /// As if all there is had been limited before.
    private var everyLimit: ResourceLimits {
        let lines = ((try? kernel.text(of: "\(outer)/io.max")) ?? "").split(separator: "\n")
        let devices = lines.compactMap { $0.split(separator: " ").first.map(String.init) }
        return ResourceLimits(
            cpuMillis: 1, cpuWeight: 1, memoryMax: 0, memoryHigh: 0, swapMax: 0, pidsMax: 0,
            cpus: "0", io: devices.map { ResourceLimits.IOLimit(device: $0) })
    }
}
