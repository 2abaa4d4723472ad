import JobsAPI
import SwiftProtobuf

/// What jobs have taken, one to a line.
struct StatsTable {
    let stats: [Cmdctl_V1_JobStats]
    let isWide: Bool

    var text: String {
        var table = TextTable(
            header: ["ID", "NAME", "STATE", "CPU TIME", "MEMORY", "PEAK", "PIDS"]
                + (isWide ? ["THROTTLED", "READ", "WRITTEN", "PRESSURE", "LIMITS"] : []))
        for job in stats { table.append(job.cells + (isWide ? job.moreCells : [])) }
        return table.text
    }
}

/// What jobs took between two looks, the most first.
struct RateTable {
    let stats: [Cmdctl_V1_JobStats]
    let before: [Cmdctl_V1_JobStats]

    var text: String {
        var table = TextTable(
            header: ["ID", "NAME", "STATE", "CPU", "MEMORY", "PIDS", "READ/S", "WRITTEN/S"])
        for row in rows { table.append(row.cells) }
        return table.text
    }

    /// Jobs that were not there at the first look have no rate yet.
    var rows: [RateRow] {
        let old = Dictionary(before.map { ($0.job, $0) }) { $1 }
        return stats.map { RateRow(now: $0, before: old[$0.job]) }.sorted {
            ($0.cpuShare ?? 0, $1.now.job) > ($1.cpuShare ?? 0, $0.now.job)
        }
    }
}

/// A job at two moments.
struct RateRow {
    let now: Cmdctl_V1_JobStats
    let before: Cmdctl_V1_JobStats?

    /// Processors in use, on the average; nil if there is nothing to compare with.
    var cpuShare: Double? { rate { $0.cpuSeconds } }

    var cells: [String] {
        [
            now.job, now.name, now.state.text,
            cpuShare.map { "\(Int(($0 * 100).rounded()))%" } ?? "-",
            amount(now.memoryBytes), now.pids == 0 ? "-" : "\(now.pids)",
            bytes { Double($0.readBytes) }, bytes { Double($0.writtenBytes) },
        ]
    }

    private func bytes(_ count: (Cmdctl_V1_JobStats) -> Double) -> String {
        rate(count).map { ByteCount.text(UInt64(max(0, $0))) } ?? "-"
    }

    private func rate(_ count: (Cmdctl_V1_JobStats) -> Double) -> Double? {
        guard let before else { return nil }
        let seconds = now.sampleSeconds - before.sampleSeconds
        return seconds > 0 ? (count(now) - count(before)) / seconds : nil
    }
}

extension Cmdctl_V1_JobStats {
    fileprivate var cpuSeconds: Double { userCpuTime.inSeconds + systemCpuTime.inSeconds }

    fileprivate var sampleSeconds: Double {
        Double(sampleTime.seconds) + Double(sampleTime.nanos) / 1e9
    }

    fileprivate var cells: [String] {
        [
            job, name, state.text, cpuSeconds == 0 ? "-" : Self.text(seconds: cpuSeconds),
            amount(memoryBytes), amount(memoryPeakBytes), pids == 0 ? "-" : "\(pids)",
        ]
    }

    fileprivate var moreCells: [String] {
        let pressures = [("cpu", cpuPressure), ("memory", memoryPressure), ("io", ioPressure)]
        let words = pressures.filter { $0.1.some > 0 }.map { "\($0) \($1.some)%" }
        return [
            Self.text(seconds: throttledTime.inSeconds), ByteCount.text(readBytes),
            ByteCount.text(writtenBytes), words.joined(separator: " "),
            effectiveLimits.words.map { "\($0.0.rawValue)=\($0.1)" }.joined(separator: " "),
        ]
    }

    private static func text(seconds: Double) -> String {
        "\(DurationText(.milliseconds(Int64(min(max(0, seconds), 1e12) * 1000))))"
    }
}

extension Google_Protobuf_Duration {
    fileprivate var inSeconds: Double { Double(seconds) + Double(nanos) / 1e9 }
}

private func amount(_ bytes: UInt64) -> String { bytes == 0 ? "-" : ByteCount.text(bytes) }
