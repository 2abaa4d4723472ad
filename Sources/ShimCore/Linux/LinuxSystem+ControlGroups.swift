import Glibc

/// The files of a control group, version 2; see the kernel's cgroup-v2.rst.
extension LinuxSystem {
    /// Whoever was born there need not move, which is slow: the kernel waits for all processors.
    package func enterControlGroup(_ directory: String) throws(SystemError) {
        guard !isFromNursery, !Self.isOwnControlGroup(directory) else { return }
        let file = try retrying { open("\(directory)/cgroup.procs", O_WRONLY | O_CLOEXEC) }
        defer { close(file) }
        // The one who writes.
        let own = Array("0".utf8)
        _ = try retrying { Glibc.write(file, own, own.count) }
    }

    /// The kernel names the group from the root that the caller sees, cgroup_namespaces(7), in the last
    /// line, behind the hierarchies of version 1; no two jobs have groups of the same name.
    private static func isOwnControlGroup(_ directory: String) -> Bool {
        guard let own = ProcFile.contents("/proc/self/cgroup") else { return false }
        return own.hasSuffix("\(lastTwoNames(of: directory))\n")
    }

    /// With the slashes before them.
    private static func lastTwoNames(of path: String) -> Substring {
        let name = path.lastIndex(of: "/") ?? path.startIndex
        return path[(path[..<name].lastIndex(of: "/") ?? path.startIndex)...]
    }

    package func memoryReport(of directory: String) -> MemoryReport? {
        guard let events = ProcFile.contents("\(directory)/memory.events") else { return nil }
        let peak = ProcFile.contents("\(directory)/memory.peak") ?? ""
        return MemoryReport(events: events, peak: peak)
    }
}

extension MemoryReport {
    /// Reads memory.events and memory.peak; what is not there did not happen.
    package init(events: String, peak: String) {
        var kills: UInt64 = 0
        for line in events.split(separator: "\n") {
            let words = line.split(separator: " ")
            // `oom_kill` counts processes; `oom_group_kill`, since 5.17, the groups they were of.
            guard words.count == 2, words[0] == "oom_kill" else { continue }
            kills = UInt64(words[1]) ?? 0
        }
        self.init(killCount: kills, peakBytes: UInt64(peak.filter { $0 != "\n" }) ?? 0)
    }
}
