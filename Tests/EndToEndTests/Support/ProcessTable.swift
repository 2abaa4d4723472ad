import Foundation

/// What /proc says about processes, and the waiting for their end.
enum ProcessTable {
    /// Waits until a process has ended, child or not, reaped or not.
    static func waitForEnd(of pid: pid_t, by deadline: Deadline = .generous) throws {
        let descriptor = pidfd_open(pid, 0)
        guard descriptor >= 0 else { return }  // Already gone.
        defer { close(descriptor) }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, deadline.remainingMilliseconds) <= 0 {
            if deadline.isOver { throw EndToEndFailure("process \(pid) does not end") }
        }
    }

    /// Whether a process lives: neither gone nor a zombie.
    static func isAlive(_ pid: pid_t) -> Bool {
        guard let state = statusField("State", of: pid) else { return false }
        return !state.hasPrefix("Z") && !state.hasPrefix("X")
    }

    /// Processes whose parent is the given one.
    static func children(of parent: pid_t) -> [pid_t] {
        all.filter { statusField("PPid", of: $0) == String(parent) }
    }

    /// Processes below the given one, however deep.
    static func descendants(of ancestor: pid_t) -> [pid_t] {
        children(of: ancestor).flatMap { [$0] + descendants(of: $0) }
    }

    /// Processes one of whose arguments is exactly the given text.
    static func withArgument(_ argument: String) -> [pid_t] {
        all.filter { arguments(of: $0).contains(argument) }
    }

    static func arguments(of pid: pid_t) -> [String] {
        contents("/proc/\(pid)/cmdline").split(separator: "\0").map(String.init)
    }

    /// The variables it was started with; none when it is another user's.
    static func environment(of pid: pid_t) -> [String: String] {
        let pairs = contents("/proc/\(pid)/environ").split(separator: "\0").map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts.dropFirst().first ?? ""))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Every process there is.
    static var all: [pid_t] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc")
        return (names ?? []).compactMap { pid_t($0) }
    }

    private static func statusField(_ name: String, of pid: pid_t) -> String? {
        contents("/proc/\(pid)/status").split(separator: "\n")
            .first { $0.hasPrefix("\(name):") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    /// Empty when the process has gone meanwhile.
    private static func contents(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
