import JobsAPI
import Reactor

/// Jobs, one to a line.
struct JobTable {
    let jobs: [Cmdctl_V1_Job]
    let isWide: Bool
    /// Whether owners are shown also where it is not wide.
    var withOwners = false
    let now: Timestamp

    var text: String {
        var table = TextTable(
            header: ["ID", "NAME", "STATUS", "CREATED"]
                + (withOwners && !isWide ? ["OWNER"] : [])
                + (isWide ? ["ENDED", "OWNER", "OUTPUT", "LABELS"] : []) + ["COMMAND"])
        for job in jobs {
            table.append(cells(of: job))
        }
        return table.text
    }

    private func cells(of job: Cmdctl_V1_Job) -> [String] {
        let created = Timestamp(job.createTime).relative(to: now)
        let common = [job.id, job.name, job.statusText, created]
        let owner = withOwners ? [job.owner] : []
        guard isWide else { return common + owner + [job.commandText.shortened(to: 48)] }
        let ended = job.hasEndTime ? Timestamp(job.endTime).relative(to: now) : ""
        return common
            + [ended, job.owner, ByteCount.text(job.outputSize), job.labelText, job.commandText]
    }
}

extension Cmdctl_V1_Job {
    /// The labels in the order of their keys: `a=1,b=2`.
    var labelText: String {
        spec.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")
    }
}

/// Sizes as people read them.
enum ByteCount {
    /// In the largest unit that leaves a number of at least one: `512 B`, `1.5 KiB`, `20 GiB`.
    static func text(_ count: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        let unit = max(0, 63 - count.leadingZeroBitCount) / 10
        let whole = count >> (10 * unit)
        // One decimal, cut and not rounded, so that 1023.99 KiB does not read as 1024.
        let rest = count - whole << (10 * unit)
        let tenth = (rest * 10) >> (10 * unit)
        return "\(whole)\(whole < 10 && tenth > 0 ? ".\(tenth)" : "") \(units[unit])"
    }
}
