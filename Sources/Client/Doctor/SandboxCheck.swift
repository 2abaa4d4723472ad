/// Whether a server here could shut jobs off from the host.
struct SandboxCheck {
    /// The users that a server gives to jobs unless it is told otherwise; docs/ISOLATION.md.
    private static let jobUsers = 1_879_048_192..<2_147_483_648

    /// The text of a file, without the newline at its end; nil if there is no such file.
    let text: (String) -> String?

    var findings: [Finding] { [filter, overlay, users("subuid"), users("subgid")] }

    private var filter: Finding {
        guard text("/proc/sys/kernel/seccomp/actions_avail") != nil else {
            return Finding(
                .problem, "system call filter", "not in this kernel",
                advice: "A server here cannot isolate jobs: boot a kernel with "
                    + "CONFIG_SECCOMP_FILTER.")
        }
        return Finding(.ok, "system call filter", "seccomp")
    }

    /// A module that is not needed yet is not loaded; the server's host loads it by itself.
    private var overlay: Finding {
        let names = (text("/proc/filesystems") ?? "").split { $0 == "\n" || $0 == "\t" }
        guard names.contains("overlay") else {
            return Finding(
                .warning, "overlay", "not loaded",
                advice: "Images need it: modprobe overlay, at every boot (modules-load.d).")
        }
        return Finding(.ok, "overlay", "there")
    }

    /// The ranges that are given to people, for containers of their own; subuid(5).
    private func users(_ name: String) -> Finding {
        let lines = (text("/etc/\(name)") ?? "").split(separator: "\n")
        for line in lines {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 3, let first = UInt32(fields[1]), let count = UInt32(fields[2]),
                count > 0, (Int(first)..<Int(first) + Int(count)).overlaps(Self.jobUsers)
            else { continue }
            return Finding(
                .problem, name, "/etc/\(name) gives users of jobs to \(fields[0])",
                advice: "Move that range below \(Self.jobUsers.lowerBound).")
        }
        return Finding(.ok, name, "the users of jobs are nobody else's")
    }
}
