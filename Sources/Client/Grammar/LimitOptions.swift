import ArgumentParser
import JobsAPI

/// What a job may take, as options.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Processor time: of one processor 50%, of two 200% or 2.", valueName: "share"),
        transform: LimitValue.reader(of: .maxCPU))
    var maxCpu: LimitValue?

    @Option(
        help: ArgumentHelp(
            "Share of busy processors, 1 to 10000; others have 100.", valueName: "weight"),
        transform: LimitValue.reader(of: .cpuWeight))
    var cpuWeight: LimitValue?

    @Option(
        help: ArgumentHelp("Memory; a job that needs more is killed.", valueName: "bytes"),
        transform: LimitValue.reader(of: .maxMemory))
    var maxMem: LimitValue?

    @Option(
        help: ArgumentHelp("Memory; a job that needs more is slowed down.", valueName: "bytes"),
        transform: LimitValue.reader(of: .memoryHigh))
    var memoryHigh: LimitValue?

    @Option(
        help: ArgumentHelp("Swap, beside the memory.", valueName: "bytes"),
        transform: LimitValue.reader(of: .maxSwap))
    var maxSwap: LimitValue?

    @Option(
        help: ArgumentHelp("Processes and threads at one time.", valueName: "count"),
        transform: LimitValue.reader(of: .maxPIDs))
    var maxPids: LimitValue?

    @Option(
        help: ArgumentHelp("Processors it may use, as 0-3,6.", valueName: "list"),
        transform: LimitValue.reader(of: .cpus))
    var cpuset: LimitValue?

    @Option(
        help: ArgumentHelp(
            "Bytes read in a second from each disk, or from one: /dev/sda:10M. Repeatable.",
            valueName: "[device:]bytes"),
        transform: LimitValue.reader(of: .maxRead))
    var maxRead: [LimitValue] = []

    @Option(
        help: ArgumentHelp("Bytes written in a second, likewise.", valueName: "[device:]bytes"),
        transform: LimitValue.reader(of: .maxWrite))
    var maxWrite: [LimitValue] = []

    @Option(
        help: ArgumentHelp("Reads in a second, likewise.", valueName: "[device:]count"),
        transform: LimitValue.reader(of: .maxReads))
    var maxReadOps: [LimitValue] = []

    @Option(
        help: ArgumentHelp("Writes in a second, likewise.", valueName: "[device:]count"),
        transform: LimitValue.reader(of: .maxWrites))
    var maxWriteOps: [LimitValue] = []

    /// Those that take the next word for their value: all.
    static let optionsWithValue = Set(LimitWord.allCases.map { "--\($0.rawValue)" })

    /// What they say together.
    var message: Cmdctl_V1_ResourceLimits {
        let single = [maxCpu, cpuWeight, maxMem, memoryHigh, maxSwap, maxPids, cpuset]
        let values = single.compactMap(\.self) + maxRead + maxWrite + maxReadOps + maxWriteOps
        return values.reduce(into: .init()) { limits, value in
            // Each was tried when it was read.
            try? limits.set(value.word, to: value.text)
        }
    }
}
