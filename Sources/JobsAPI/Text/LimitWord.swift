import SwiftProtobuf

/// The limits by the names that people write, each with its value as text.
///
/// They are options of `cmdctl run` and `cmdctl update`, and words of the daemon's configuration.
package enum LimitWord: String, CaseIterable, Sendable {
    case maxCPU = "max-cpu"
    case cpuWeight = "cpu-weight"
    case maxMemory = "max-mem"
    case memoryHigh = "memory-high"
    case maxSwap = "max-swap"
    case maxPIDs = "max-pids"
    case cpus = "cpuset"
    case maxRead = "max-read"
    case maxWrite = "max-write"
    case maxReads = "max-read-ops"
    case maxWrites = "max-write-ops"

    /// Whether it can be said of each device, and so more than once.
    package var isOfDevices: Bool { field.hasPrefix("io.") }

    /// The field of the API that it sets, as an update names what to give up.
    package var field: String {
        switch self {
        case .maxCPU: "cpu_millis"
        case .cpuWeight: "cpu_weight"
        case .maxMemory: "memory_max_bytes"
        case .memoryHigh: "memory_high_bytes"
        case .maxSwap: "swap_max_bytes"
        case .maxPIDs: "pids_max"
        case .cpus: "cpus"
        case .maxRead: "io.read_bytes_per_second"
        case .maxWrite: "io.write_bytes_per_second"
        case .maxReads: "io.reads_per_second"
        case .maxWrites: "io.writes_per_second"
        }
    }
}

extension Cmdctl_V1_ResourceLimits {
    /// Sets one limit to what a text says.
    package mutating func set(_ word: LimitWord, to text: String) throws(LimitTextProblem) {
        switch word {
        case .maxCPU: cpuMillis = try LimitText.cpuMillis(text)
        case .cpuWeight: cpuWeight = try LimitText.count(text)
        case .maxMemory: memoryMaxBytes = try LimitText.bytes(text)
        case .memoryHigh: memoryHighBytes = try LimitText.bytes(text)
        case .maxSwap: swapMaxBytes = try LimitText.bytes(text)
        case .maxPIDs: pidsMax = try LimitText.count(text)
        case .cpus: cpus = text
        case .maxRead, .maxWrite, .maxReads, .maxWrites: try setIO(word, to: text)
        }
    }

    /// `10M`, or `/dev/sda:10M`, or `8:0:10M`; what stands before the last colon is the device.
    private mutating func setIO(_ word: LimitWord, to text: String) throws(LimitTextProblem) {
        let colon = text.lastIndex(of: ":")
        let device = colon.map { String(text[..<$0]) } ?? ""
        let amount = colon.map { text[text.index(after: $0)...] } ?? text[...]
        let index = io.firstIndex { $0.device == device } ?? io.endIndex
        var limit = index < io.endIndex ? io[index] : .with { $0.device = device }
        switch word {
        case .maxRead: limit.readBytesPerSecond = try LimitText.bytes(amount)
        case .maxWrite: limit.writeBytesPerSecond = try LimitText.bytes(amount)
        case .maxReads: limit.readsPerSecond = try LimitText.count(amount)
        default: limit.writesPerSecond = try LimitText.count(amount)
        }
        io.replaceSubrange(index..<min(index + 1, io.endIndex), with: [limit])
    }

    /// What is limited, in the words that would ask for it; one word for each device and bound.
    package var words: [(LimitWord, String)] {
        var words: [(LimitWord, String)] = []
        if hasCpuMillis { words.append((.maxCPU, LimitText.text(cpuMillis: cpuMillis))) }
        if hasCpuWeight { words.append((.cpuWeight, "\(cpuWeight)")) }
        if hasMemoryMaxBytes { words.append((.maxMemory, LimitText.text(bytes: memoryMaxBytes))) }
        if hasMemoryHighBytes {
            words.append((.memoryHigh, LimitText.text(bytes: memoryHighBytes)))
        }
        if hasSwapMaxBytes { words.append((.maxSwap, LimitText.text(bytes: swapMaxBytes))) }
        if hasPidsMax { words.append((.maxPIDs, "\(pidsMax)")) }
        if !cpus.isEmpty { words.append((.cpus, cpus)) }
        return words + io.flatMap(\.words)
    }
}

extension Cmdctl_V1_IOLimit {
    fileprivate var words: [(LimitWord, String)] {
        let prefix = device.isEmpty ? "" : "\(device):"
        var words: [(LimitWord, String)] = []
        if hasReadBytesPerSecond {
            words.append((.maxRead, prefix + LimitText.text(bytes: readBytesPerSecond)))
        }
        if hasWriteBytesPerSecond {
            words.append((.maxWrite, prefix + LimitText.text(bytes: writeBytesPerSecond)))
        }
        if hasReadsPerSecond { words.append((.maxReads, "\(prefix)\(readsPerSecond)")) }
        if hasWritesPerSecond { words.append((.maxWrites, "\(prefix)\(writesPerSecond)")) }
        return words
    }
}
