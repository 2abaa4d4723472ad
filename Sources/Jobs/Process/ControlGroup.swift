import Reactor

/// The control groups of one job, there or not.
///
/// ``ControlGroups`` says what they are for. Reading, changing and removing them is for a worker.
struct ControlGroup: Sendable {
    /// The directory of the one that carries the job's limits.
    let path: String
    let kernel: any Kernel

    /// The directory of the one that the job is born into.
    var jobPath: String { "\(path)/job" }

    /// The directory of the one that the shim is born into.
    var shimPath: String { "\(path)/shim" }

    /// The directory in which a group lies.
    static func parent(of path: String) -> String {
        String(path[..<(path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)])
    }

    /// Writes limits.
    func write(_ files: [ControlGroupFile]) throws(ControlGroupError) {
        for file in files { try write(file.text, to: file.name) }
    }

    /// Writes one file of the outer group.
    func write(_ text: String, to file: String) throws(ControlGroupError) {
        do throws(Errno) {
            try kernel.write(text, to: "\(path)/\(file)")
        } catch {
            throw ControlGroupError(file: file, error: error)
        }
    }

    /// Has the kernel kill all of the job when it kills one for want of memory: half a job is worse
    /// than none.
    func dieTogether() throws(ControlGroupError) {
        try write("1", to: "job/memory.oom.group")
    }

    /// Tells all of the job to stand still, or to go on.
    func freeze(_ isFrozen: Bool) throws(ControlGroupError) {
        try write(isFrozen ? "1" : "0", to: "job/cgroup.freeze")
    }

    /// Whether all of the job stands still.
    var isFrozen: Bool {
        let events = (try? kernel.text(of: "\(jobPath)/cgroup.events")) ?? ""
        return events.split(separator: "\n").contains("frozen 1")
    }

    /// Whether the job was told to stand still.
    var isToFreeze: Bool {
        (try? kernel.text(of: "\(jobPath)/cgroup.freeze"))?.hasPrefix("1") == true
    }

    /// Kills what is left in the groups, and removes them; answers whether they are gone, because
    /// the killed may need a moment to leave.
    func remove() -> Bool {
        do {
            try kill()
            try removeTree(jobPath)
            try removeTree(shimPath)
            try removeTree(path)
            return true
        } catch {
            return false
        }
    }

    /// A job that may write to its group may have made others in it.
    private func removeTree(_ path: String) throws(Errno) {
        do {
            try ignoringMissing { () throws(Errno) in try kernel.removeDirectory(path) }
        } catch .busy, .directoryNotEmpty {
            for name in try kernel.list(path) {
                let inner = "\(path)/\(name)"
                guard try kernel.status(at: inner).kind == .directory else { continue }
                try removeTree(inner)
            }
            try kernel.removeDirectory(path)
        }
    }

    private func kill() throws(Errno) {
        do {
            // See the kernel's cgroup-v2.rst; it kills what is frozen, too.
            try kernel.write("1", to: "\(jobPath)/cgroup.kill")
        } catch .noEntry {
            // A kernel before 5.14, or no group at all.
            try ignoringMissing(killOneByOne)
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
