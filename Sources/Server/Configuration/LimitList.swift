import Jobs
import JobsAPI

/// Limits as one line of configuration: `max-cpu=200% max-mem=4G max-read=/dev/sda:10M`.
///
/// The words are those of the options of `cmdctl run`.
struct LimitList {
    let limits: ResourceLimits

    /// What a line must be, for errors.
    static let expected =
        "limits such as \"max-cpu=200% max-mem=4G max-pids=1000\", of "
        + LimitWord.allCases.map(\.rawValue).joined(separator: ", ")

    /// Reads a line; nil if a word of it is not a limit, or comes twice.
    init?(_ text: String) {
        var message = Cmdctl_V1_ResourceLimits()
        var seen: Set<String> = []
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = LimitWord(rawValue: String(parts[0])),
                name.isOfDevices || seen.insert(name.rawValue).inserted,
                (try? message.set(name, to: String(parts[1]))) != nil
            else { return nil }
        }
        limits = ResourceLimits(message)
        guard limits.problems().isEmpty else { return nil }
    }
}

/// What the limits of jobs may add up to, as one line of configuration: `max-cpu=400% max-mem=4G`.
struct GrantedList {
    let memory: UInt64?
    let cpuMillis: UInt64?

    /// What a line must be, for errors.
    static let expected = "limits that add up, as \"max-cpu=400% max-mem=4G\", and no others"

    /// Reads a line; nil if a word of it is not a limit that adds up, or comes twice.
    init?(_ text: String) {
        guard let limits = LimitList(text)?.limits else { return nil }
        guard
            limits == ResourceLimits(cpuMillis: limits.cpuMillis, memoryMax: limits.memoryMax)
        else { return nil }
        memory = limits.memoryMax
        cpuMillis = limits.cpuMillis.map(UInt64.init)
    }
}
