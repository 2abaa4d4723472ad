extension ResourceLimits {
    /// What cannot be written into the files of a control group, all together.
    package func problems() -> [SpecificationProblem] {
        let numbers: [(String, UInt64?, ClosedRange<UInt64>)] = [
            ("cpu_millis", cpuMillis.map(UInt64.init), 1...1_000_000),
            ("cpu_weight", cpuWeight.map(UInt64.init), 1...10_000),
            ("memory_max_bytes", memoryMax, Self.memoryMin...Self.bytesMax),
            ("memory_high_bytes", memoryHigh, Self.memoryMin...Self.bytesMax),
            ("swap_max_bytes", swapMax, 0...Self.bytesMax),
            // No kernel has room for many more: PID_MAX_LIMIT, proc(5).
            ("pids_max", pidsMax.map(UInt64.init), 1...4_000_000),
        ]
        return numbers.compactMap { problem("limits.\($0)", $1, within: $2) } + processorProblems()
            + ioProblems()
    }

    /// The job's supervisor takes part of the job's memory; with less, no command would come to run.
    private static let memoryMin: UInt64 = 1 << 20
    /// The files hold signed numbers.
    private static let bytesMax = UInt64(Int64.max)

    /// More devices than a host has disks; each costs a look at the host.
    private static let devicesMax = 64
    /// A list that names every second of two thousand processors.
    private static let processorsLengthMax = 8 << 10

    private func processorProblems() -> [SpecificationProblem] {
        let isShort = cpus.utf8.count <= Self.processorsLengthMax
        guard !cpus.isEmpty, !isShort || ProcessorSet(cpus) == nil else { return [] }
        return [
            SpecificationProblem(
                field: "limits.cpus",
                sentence: "Give the numbers of processors, as 0-3,6, in at most "
                    + "\(Self.processorsLengthMax) bytes.")
        ]
    }

    private func ioProblems() -> [SpecificationProblem] {
        guard io.count <= Self.devicesMax else {
            let sentence = "Name at most \(Self.devicesMax) devices."
            return [SpecificationProblem(field: "limits.io", sentence: sentence)]
        }
        return io.indices.flatMap { index in
            let field = "limits.io[\(index)]"
            let isRepeated = io[..<index].contains { $0.device == io[index].device }
            let repetition = SpecificationProblem(
                field: "\(field).device", sentence: "Name each device once.")
            return io[index].problems(field) + (isRepeated ? [repetition] : [])
        }
    }
}

extension ResourceLimits.IOLimit {
    private var numbers: [(String, UInt64?)] {
        [
            ("read_bytes_per_second", readBytes), ("write_bytes_per_second", writeBytes),
            ("reads_per_second", reads), ("writes_per_second", writes),
        ]
    }

    fileprivate func problems(_ field: String) -> [SpecificationProblem] {
        guard numbers.contains(where: { $0.1 != nil }) else {
            return [SpecificationProblem(field: field, sentence: "Give at least one bound.")]
        }
        let values = numbers.compactMap {
            problem("\(field).\($0)", $1, within: 1...UInt64(Int64.max))
        }
        guard device.isEmpty || isPathOfDevice || DeviceNumber(device) != nil else {
            let sentence =
                "Give a path below /dev, as /dev/sda, or two numbers, as 8:0, or nothing."
            return values + [SpecificationProblem(field: "\(field).device", sentence: sentence)]
        }
        return values
    }

    /// The server looks at it with its own rights, and a path elsewhere could lead to a file system
    /// that never answers.
    private var isPathOfDevice: Bool {
        device.hasPrefix("/dev/") && !device.split(separator: "/").contains("..")
    }
}

private func problem(
    _ field: String, _ value: UInt64?, within range: ClosedRange<UInt64>
) -> SpecificationProblem? {
    guard let value, !range.contains(value) else { return nil }
    return SpecificationProblem(
        field: field, sentence: "\(value) is not from \(range.lowerBound) to \(range.upperBound).")
}
