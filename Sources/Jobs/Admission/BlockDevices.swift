import Reactor

/// The number of a device, as `8:0`.
struct DeviceNumber: Hashable, Comparable, Sendable {
    let major: UInt32
    let minor: UInt32

    init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = UInt32(parts[0]), let minor = UInt32(parts[1]) else {
            return nil
        }
        self.init(major: major, minor: minor)
    }

    var text: String { "\(major):\(minor)" }

    static func < (first: DeviceNumber, second: DeviceNumber) -> Bool {
        (first.major, first.minor) < (second.major, second.minor)
    }
}

/// The block devices of the host, as far as limits on them are concerned.
///
/// io.max takes whole disks only, by their numbers; see the kernel's cgroup-v2.rst.
struct BlockDevices: Equatable, Sendable {
    /// What a path or a number that somebody gave means.
    enum Finding: Equatable, Sendable {
        case disk(DeviceNumber)
        case partition
        case noDevice
    }

    /// Every disk, but for those that only hold files or memory.
    var disks: [DeviceNumber]
    /// What was looked for.
    var findings: [String: Finding]

    /// A number of its own for each device that was named, and one for each disk where none was.
    ///
    /// What is said of a disk by name counts for more than what is said of all.
    ///
    /// - Throws: ``JobError/invalidSpecification(_:)`` for names that mean no disk.
    func resolve(_ limits: ResourceLimits) throws(JobError) -> ResourceLimits {
        var found: [DeviceNumber: ResourceLimits.IOLimit] = [:]
        for limit in limits.io where limit.device.isEmpty {
            for disk in disks { found[disk] = limit.of(disk) }
        }
        var named: [DeviceNumber: ResourceLimits.IOLimit] = [:]
        for (index, limit) in limits.io.enumerated() where !limit.device.isEmpty {
            let disk = try disk(limit.device, at: index)
            let other = named[disk]
            named[disk] = other.map { $0.bounded(by: limit) } ?? limit.of(disk)
        }
        var resolved = limits
        resolved.io = found.merging(named) { $1 }.sorted { $0.key < $1.key }.map(\.value)
        return resolved
    }

    private func disk(_ name: String, at index: Int) throws(JobError) -> DeviceNumber {
        let sentence: String
        switch findings[name] {
        case .disk(let number): return number
        case .partition:
            sentence = "\(quoted(name)) is a part of a disk; the kernel limits only whole ones."
        case .noDevice, nil:
            sentence = "There is no block device \(quoted(name)) on the server's host."
        }
        throw .invalidSpecification([
            SpecificationProblem(field: "limits.io[\(index)].device", sentence: sentence)
        ])
    }
}

extension ResourceLimits.IOLimit {
    fileprivate func of(_ disk: DeviceNumber) -> Self {
        var limit = self
        limit.device = disk.text
        return limit
    }
}

extension BlockDevices {
    /// Looks at the host; for a worker.
    init(of kernel: any Kernel, lookingFor names: Set<String>) {
        let all = ((try? kernel.list("/sys/block")) ?? []).filter { name in
            !["loop", "ram", "zram"].contains { name.hasPrefix($0) }
        }
        disks = all.compactMap { Self.number(of: "/sys/block/\($0)", kernel) }.sorted()
        findings = [:]
        for name in names where !name.isEmpty { findings[name] = Self.find(name, kernel) }
    }

    private static func find(_ name: String, _ kernel: any Kernel) -> Finding {
        guard let number = DeviceNumber(name) ?? deviceNumber(at: name, kernel),
            (try? kernel.status(at: "/sys/dev/block/\(number.text)")) != nil
        else { return .noDevice }
        let partition = "/sys/dev/block/\(number.text)/partition"
        return (try? kernel.status(at: partition)) == nil ? .disk(number) : .partition
    }

    private static func deviceNumber(at path: String, _ kernel: any Kernel) -> DeviceNumber? {
        guard let status = try? kernel.status(at: path), status.kind == .blockDevice else {
            return nil
        }
        return DeviceNumber(major: status.referred.major, minor: status.referred.minor)
    }

    private static func number(of directory: String, _ kernel: any Kernel) -> DeviceNumber? {
        let text = try? kernel.contents(of: "\(directory)/dev", sizeMax: 64)
        return DeviceNumber(String(decoding: text ?? [], as: UTF8.self).filter { $0 != "\n" })
    }
}
