import Reactor

/// What a job takes at one moment, as the files of its control groups tell.
///
/// What the host cannot tell is 0.
package struct ControlGroupUsage: Hashable, Sendable {
    /// Of the last ten seconds, the share in percent that was lost waiting for something.
    package struct Pressure: Hashable, Sendable {
        /// At least one task waited.
        package var some: Double = 0
        /// All of them did.
        package var full: Double = 0
    }

    package var userCPUTime: Duration = .zero
    package var systemCPUTime: Duration = .zero
    /// How long it was held back by its processor limit.
    package var throttledTime: Duration = .zero
    package var memoryBytes: UInt64 = 0
    package var memoryPeakBytes: UInt64 = 0
    package var swapBytes: UInt64 = 0
    package var pids: UInt64 = 0
    package var pidsPeak: UInt64 = 0
    package var readBytes: UInt64 = 0
    package var writtenBytes: UInt64 = 0
    package var reads: UInt64 = 0
    package var writes: UInt64 = 0
    package var cpuPressure = Pressure()
    package var memoryPressure = Pressure()
    package var ioPressure = Pressure()

    /// Takes nothing.
    package init() {}
}

extension ControlGroupUsage {
    /// Reads the files; see the kernel's cgroup-v2.rst.
    ///
    /// Memory and processes are those of the job alone; time and transfers include its shim's, which
    /// moves the job's output, because the limits do.
    ///
    /// - Parameter text: The text of a file below the job's directory; empty if there is none.
    init(reading text: (String) -> String) {
        let cpu = Self.numbers(text("cpu.stat"))
        userCPUTime = .microseconds(Int64(clamping: cpu["user_usec"] ?? 0))
        systemCPUTime = .microseconds(Int64(clamping: cpu["system_usec"] ?? 0))
        throttledTime = .microseconds(Int64(clamping: cpu["throttled_usec"] ?? 0))
        memoryBytes = Self.number(text("job/memory.current"))
        memoryPeakBytes = Self.number(text("job/memory.peak"))
        swapBytes = Self.number(text("job/memory.swap.current"))
        pids = Self.number(text("job/pids.current"))
        pidsPeak = Self.number(text("job/pids.peak"))
        let io = Self.transfers(text("io.stat"))
        readBytes = io["rbytes"] ?? 0
        writtenBytes = io["wbytes"] ?? 0
        reads = io["rios"] ?? 0
        writes = io["wios"] ?? 0
        cpuPressure = Self.pressure(text("job/cpu.pressure"))
        memoryPressure = Self.pressure(text("job/memory.pressure"))
        ioPressure = Self.pressure(text("job/io.pressure"))
    }

    private static func number(_ text: String) -> UInt64 {
        UInt64(text.filter { $0 != "\n" }) ?? 0
    }

    /// Lines of a name and a number.
    private static func numbers(_ text: String) -> [Substring: UInt64] {
        text.split(separator: "\n").reduce(into: [:]) { numbers, line in
            let words = line.split(separator: " ")
            guard words.count == 2 else { return }
            numbers[words[0]] = UInt64(words[1])
        }
    }

    /// Lines of a device and `name=number`, added up over all devices.
    private static func transfers(_ text: String) -> [Substring: UInt64] {
        text.split(separator: "\n").reduce(into: [:]) { sums, line in
            for word in line.split(separator: " ").dropFirst() {
                let parts = word.split(separator: "=")
                guard parts.count == 2, let value = UInt64(parts[1]) else { continue }
                sums[parts[0], default: 0] &+= value
            }
        }
    }

    /// `some avg10=1.00 avg60=… total=…`, and a line for `full`.
    private static func pressure(_ text: String) -> Pressure {
        text.split(separator: "\n").reduce(into: Pressure()) { pressure, line in
            let words = line.split(separator: " ")
            guard let share = words.first(where: { $0.hasPrefix("avg10=") }),
                let percent = Double(share.dropFirst(6))
            else { return }
            if words[0] == "some" { pressure.some = percent }
            if words[0] == "full" { pressure.full = percent }
        }
    }
}
