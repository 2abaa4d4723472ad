extension ResourceLimits {
    /// The limits that a job runs under: of what was asked for, or else is the default, and of each
    /// ceiling the least.
    ///
    /// Devices must have been resolved before, so that each has one name; see ``BlockDevices``.
    ///
    /// - Parameters:
    ///   - request: What was asked for.
    ///   - defaults: What applies where nothing was asked for.
    ///   - ceilings: What nobody may exceed: the server's, the tenant's, the host's.
    /// - Returns: The limits.
    /// - Throws: ``JobError/invalidSpecification(_:)`` when no processor is left.
    static func effective(
        _ request: ResourceLimits, defaults: ResourceLimits, ceilings: [ResourceLimits]
    ) throws(JobError) -> ResourceLimits {
        var limits = request.filled(from: defaults)
        for ceiling in ceilings { limits = try limits.bounded(by: ceiling) }
        return limits
    }

    /// These limits, and where there is none those of another set.
    func filled(from other: ResourceLimits) -> ResourceLimits {
        ResourceLimits(
            cpuMillis: cpuMillis ?? other.cpuMillis, cpuWeight: cpuWeight ?? other.cpuWeight,
            memoryMax: memoryMax ?? other.memoryMax, memoryHigh: memoryHigh ?? other.memoryHigh,
            swapMax: swapMax ?? other.swapMax, pidsMax: pidsMax ?? other.pidsMax,
            cpus: cpus.isEmpty ? other.cpus : cpus,
            io: IOLimit.merged(io, other.io) { $0.filled(from: $1) })
    }

    private func bounded(by ceiling: ResourceLimits) throws(JobError) -> ResourceLimits {
        ResourceLimits(
            cpuMillis: least(cpuMillis, ceiling.cpuMillis),
            cpuWeight: least(cpuWeight, ceiling.cpuWeight),
            memoryMax: least(memoryMax, ceiling.memoryMax),
            memoryHigh: least(memoryHigh, ceiling.memoryHigh),
            swapMax: least(swapMax, ceiling.swapMax), pidsMax: least(pidsMax, ceiling.pidsMax),
            cpus: try processors(within: ceiling.cpus),
            io: IOLimit.merged(io, ceiling.io) { $0.bounded(by: $1) })
    }

    private func processors(within allowed: String) throws(JobError) -> String {
        guard let mine = ProcessorSet(cpus), let others = ProcessorSet(allowed) else {
            return cpus.isEmpty ? allowed : cpus
        }
        let both = ProcessorSet(mine.members.intersection(others.members))
        guard both.members.isEmpty else { return both.text }
        throw .invalidSpecification([
            SpecificationProblem(
                field: "limits.cpus",
                sentence: "None of the processors \(cpus) may be used; choose among \(allowed).")
        ])
    }
}

extension ResourceLimits.IOLimit {
    /// Joins what is said of the same device; what only one side knows of stays as it is.
    fileprivate static func merged(
        _ first: [Self], _ second: [Self], _ join: (Self, Self) -> Self
    ) -> [Self] {
        var all = Dictionary(first.map { ($0.device, $0) }) { join($0, $1) }
        for limit in second {
            all[limit.device] = all[limit.device].map { join($0, limit) } ?? limit
        }
        return all.values.sorted { $0.device < $1.device }
    }

    fileprivate func filled(from other: Self) -> Self {
        Self(
            device: device, readBytes: readBytes ?? other.readBytes,
            writeBytes: writeBytes ?? other.writeBytes, reads: reads ?? other.reads,
            writes: writes ?? other.writes)
    }

    /// The least of both, one by one.
    func bounded(by other: Self) -> Self {
        Self(
            device: device, readBytes: least(readBytes, other.readBytes),
            writeBytes: least(writeBytes, other.writeBytes), reads: least(reads, other.reads),
            writes: least(writes, other.writes))
    }
}

/// The lower bound of two that may not exist.
private func least<Number: Comparable>(_ first: Number?, _ second: Number?) -> Number? {
    guard let first, let second else { return first ?? second }
    return min(first, second)
}
