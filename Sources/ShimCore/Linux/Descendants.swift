import CLinux
import Glibc

/// All processes below the caller, who is their subreaper: whoever loses its parent becomes its
/// child, so none gets away, setsid(2) or not.
struct Descendants {
    /// A process, as it was found.
    private struct Found: Hashable {
        let pid: Int32
        let parent: Int32
    }

    /// A tree that still grows after so many looks is caught by the next call, after a death.
    private static let roundsMax = 100

    private let root = getpid()

    /// Kills them all.
    ///
    /// First all are stopped, until a look finds nobody new: a fork bomb that is killed one by one
    /// refills the places of the dead. What was being forked meanwhile turns up as the caller's
    /// child when its parent is dead.
    ///
    /// - Returns: false if there are children, but none that may be signalled.
    func kill() -> Bool {
        var stopped: Set<Found> = []
        for _ in 0..<Self.roundsMax {
            let new = list().filter { !stopped.contains($0) }
            if new.isEmpty { break }
            for process in new { signal(SIGSTOP, process) }
            stopped.formUnion(new)
        }
        let outcomes = stopped.map { (process: $0, wasSent: signal(SIGKILL, $0)) }
        let children = outcomes.filter { $0.process.parent == root }
        return children.isEmpty || children.contains { $0.wasSent }
    }

    private func list() -> [Found] {
        var found: [Found] = []
        var parents = [root]
        while let parent = parents.popLast() {
            let children = Self.children(of: parent)
            found += children.map { Found(pid: $0, parent: parent) }
            parents += children
        }
        return found
    }

    /// The caller's own child keeps its PID until the caller reaps it.
    ///
    /// Any other may have ended and its PID may be somebody else's by now: a pidfd holds on to one
    /// process, and if that still has the parent it had, it is the one that was found.
    @discardableResult
    private func signal(_ number: Int32, _ process: Found) -> Bool {
        if process.parent == root { return Glibc.kill(process.pid, number) == 0 }
        guard let handle = try? retrying({ pidfd_open(process.pid, 0) }) else { return false }
        defer { close(handle) }
        guard Self.parent(of: process.pid) == process.parent else { return false }
        return pidfd_send_signal(handle, number, nil, 0) == 0
    }

    /// The children of all threads of `pid`.
    ///
    /// Needs a kernel with CONFIG_PROC_CHILDREN, as those of the distributions are.
    static func children(of pid: Int32) -> [Int32] {
        ProcFile.names(in: "/proc/\(pid)/task").flatMap { children(of: pid, thread: $0) }
    }

    /// The children of one thread of `pid`, which is named like the process if it is the first.
    static func children(of pid: Int32, thread: String) -> [Int32] {
        let text = ProcFile.contents("/proc/\(pid)/task/\(thread)/children") ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    /// The fourth field of stat, proc(5).
    ///
    /// The second may hold anything, but ends at the last `)`.
    private static func parent(of pid: Int32) -> Int32? {
        guard let text = ProcFile.contents("/proc/\(pid)/stat"),
            let nameEnd = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[nameEnd...].split(separator: " ")
        return fields.count > 2 ? Int32(fields[2]) : nil
    }
}

extension LinuxSystem {
    package func kill(_ reach: KillReach) -> Bool {
        switch reach {
        case .namespace:
            // Everybody the caller can see, but itself; kill(2).
            _ = Glibc.kill(-1, SIGKILL)
            return true
        case .descendants(let cgroupDirectory):
            cgroupDirectory.map(killGroup)
            return Descendants().kill()
        }
    }

    /// The line NSpid of status, proc(5), ends with the PID in the innermost namespace.
    ///
    /// The parent is the first process of a namespace, which has one thread.
    package func child(of parent: Int32, withInnerPID inner: Int32) -> Int32? {
        Descendants.children(of: parent, thread: "\(parent)").first { child in
            let status = ProcFile.contents("/proc/\(child)/status") ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
            return line?.split(separator: "\t").last.flatMap { Int32($0) } == inner
        }
    }

    /// Kills at once what is in the group, cgroup.kill (Linux 5.14).
    ///
    /// What left it is a descendant.
    private func killGroup(_ directory: String) {
        let path = "\(directory)/cgroup.kill"
        guard let file = try? retrying({ open(path, O_WRONLY | O_CLOEXEC) }) else { return }
        defer { close(file) }
        _ = try? retrying { Glibc.write(file, "1", 1) }
    }
}
