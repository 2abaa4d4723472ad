import Reactor

/// The control groups of one job, there or not.
///
/// ``ControlGroups`` says what they are for. Removing them is for a worker.
struct ControlGroup: Sendable {
    /// The directory of the outer one.
    let path: String
    let kernel: any Kernel

    /// The directory of the one that the job is born into.
    var jobPath: String { "\(path)/job" }

    /// The directory in which a group lies.
    static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// Kills what is left in the groups, and removes them; answers whether they are gone, because
    /// the killed may need a moment to leave.
    func remove() -> Bool {
        do {
            try kill()
            try ignoringMissing { () throws(Errno) in try kernel.removeDirectory(jobPath) }
            try ignoringMissing { () throws(Errno) in try kernel.removeDirectory(path) }
            return true
        } catch {
            return false
        }
    }

    private func kill() throws(Errno) {
        do {
            try killAtOnce()
        } catch .noEntry {
            // A kernel before 5.14, or no group at all.
            try ignoringMissing(killOneByOne)
        }
    }

    /// Writes to cgroup.kill; see the kernel's cgroup-v2.rst.
    private func killAtOnce() throws(Errno) {
        let file = try kernel.openFile("\(jobPath)/cgroup.kill", flags: .writeOnly)
        let one = Buffer(capacity: 1)
        one.append([UInt8(ascii: "1")])
        let kernel = kernel
        let raw = file.raw
        _ = try one.withReadableBytes { bytes throws(Errno) in
            try kernel.writeFileNow(raw, at: 0, bytes)
        }
    }

    /// Kills whoever is listed; who was born meanwhile keeps the group from being removed, and is
    /// met by the next attempt.
    private func killOneByOne() throws(Errno) {
        let list = try kernel.contents(of: "\(jobPath)/cgroup.procs", sizeMax: 1 << 20)
        for line in String(decoding: list, as: UTF8.self).split(separator: "\n") {
            guard let pid = Int32(line), let process = try? kernel.openProcess(pid),
                holds(pid)
            else { continue }
            let sigkill: Int32 = 9
            try? kernel.signal(process.raw, sigkill, value: nil)
        }
    }

    /// Whether a process is in the group still: its number may be another's by now.
    private func holds(_ pid: Int32) -> Bool {
        let membership = try? kernel.contents(of: "/proc/\(pid)/cgroup", sizeMax: 1 << 16)
        let name = path.dropFirst(ControlGroup.parent(of: path).count)
        let lines = String(decoding: membership ?? [], as: UTF8.self).split(separator: "\n")
        return lines.contains { $0.hasPrefix("0::") && $0.hasSuffix("\(name)/job") }
    }
}

private func ignoringMissing(_ body: () throws(Errno) -> Void) throws(Errno) {
    do {
        try body()
    } catch .noEntry {
        return
    }
}
