/// One file of a control group, and what is written into it.
struct ControlGroupFile: Hashable, Sendable {
    let name: String
    let text: String
}

extension ResourceLimits {
    /// The files that stand for these limits; see the kernel's cgroup-v2.rst.
    ///
    /// - Parameters:
    ///   - own: How many processes of the group are not the job's own.
    ///   - old: The limits there were: of those that are gone the files are reset.
    /// - Returns: What to write, in this order.
    func controlGroupFiles(
        beside own: UInt32 = 0, replacing old: ResourceLimits = ResourceLimits()
    ) -> [ControlGroupFile] {
        let texts: [(String, text: String?, reset: String?)] = [
            ("cpu.max", cpuMillis.map(Self.quota), old.cpuMillis.map { _ in "max 100000" }),
            ("cpu.weight", cpuWeight.map { "\($0)" }, old.cpuWeight.map { _ in "100" }),
            // Swap first: what no longer fits into the memory may still go there.
            ("memory.swap.max", swapMax.map { "\($0)" }, old.swapMax.map { _ in "max" }),
            ("memory.high", memoryHigh.map { "\($0)" }, old.memoryHigh.map { _ in "max" }),
            ("memory.max", memoryMax.map { "\($0)" }, old.memoryMax.map { _ in "max" }),
            ("pids.max", pidsMax.map { "\($0 + own)" }, old.pidsMax.map { _ in "max" }),
            ("cpuset.cpus", cpus.isEmpty ? nil : cpus, old.cpus.isEmpty ? nil : "\n"),
        ]
        let files = texts.compactMap { name, text, reset in
            (text ?? reset).map { ControlGroupFile(name: name, text: $0) }
        }
        return files + ioFiles(replacing: old.io)
    }

    /// Microseconds of processor time in each period.
    ///
    /// A tenth of a second is the kernel's own choice of a period, a whole one its longest; less
    /// than a thousandth of a second is no quota.
    private static func quota(_ millis: UInt32) -> String {
        millis < 10 ? "\(UInt64(millis) * 1000) 1000000" : "\(UInt64(millis) * 100) 100000"
    }

    /// A line for each device; the kernel takes one at a time.
    private func ioFiles(replacing old: [IOLimit]) -> [ControlGroupFile] {
        let gone = old.filter { before in !io.contains { $0.device == before.device } }
        return (gone.map { IOLimit(device: $0.device) } + io).map {
            ControlGroupFile(name: "io.max", text: $0.line)
        }
    }
}

extension ResourceLimits.IOLimit {
    fileprivate var line: String {
        let bounds = [
            ("rbps", readBytes), ("wbps", writeBytes), ("riops", reads), ("wiops", writes),
        ]
        let words = bounds.map { name, value in "\(name)=\(value.map { "\($0)" } ?? "max")" }
        return ([device] + words).joined(separator: " ")
    }
}
