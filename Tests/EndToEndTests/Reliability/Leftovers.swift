import Foundation

/// What is still there of jobs that are gone, or of a server's that nobody owns.
enum Leftovers {
    /// Processes, control groups and files of these jobs, and files that belong to no job at all.
    static func after(_ jobs: [String], on daemon: Daemon) -> [String] {
        processes(of: jobs) + controlGroups(of: jobs) + strayFiles(besides: jobs, on: daemon)
    }

    /// Shims by their arguments, and whatever a job started by the variable that it inherits.
    static func processes(of jobs: [String]) -> [String] {
        let known = Set(jobs)
        return ProcessTable.all.compactMap { pid in
            let arguments = ProcessTable.arguments(of: pid)
            let job = ProcessTable.environment(of: pid)["CMDCTL_JOB_ID"]
            let isShim =
                arguments.first?.hasSuffix("cmdctl-shim") == true
                && arguments.contains(where: known.contains)
            guard isShim || job.map(known.contains) == true, ProcessTable.isAlive(pid) else {
                return nil
            }
            return "process \(pid): \(arguments.prefix(2).joined(separator: " "))"
        }
    }

    private static func controlGroups(of jobs: [String]) -> [String] {
        let all = FileManager.default.enumerator(atPath: "/sys/fs/cgroup")
        let known = Set(jobs)
        return (all?.compactMap { $0 as? String } ?? []).filter { path in
            known.contains { path.hasSuffix($0) }
        }
    }

    private static func strayFiles(besides jobs: [String], on daemon: Daemon) -> [String] {
        let expected = Set(jobs.flatMap { ["\($0).log", "\($0).idx"] })
        let logs = names(in: daemon.stateDirectory + "/logs")
        let others = names(in: daemon.stateDirectory)
        return logs.subtracting(expected).map { "file logs/\($0)" }
            + others.subtracting(ownFiles).map { "file \($0)" }
    }

    /// What a state directory holds of the server itself.
    private static let ownFiles: Set<String> = [
        "logs", "lock", "jobs.sqlite", "jobs.sqlite-wal", "jobs.sqlite-shm",
    ]

    private static func names(in directory: String) -> Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
    }
}

extension Daemon {
    /// The jobs of which nobody heard more than that they never ran; a fault for each that is more.
    func faults(ofJobsBesides cast: [Protagonist]) throws -> [String] {
        let known = Set(cast.compactMap(\.id))
        let others = try cmdctl("list", "-q").lines.filter { !known.contains($0) }
        let expected = cast.reduce(0) { $0 + $1.failedStarts }
        let faults = try others.map { try status($0) }
            .filter { $0.ending != Ending("START_FAILED") || $0.outputSize ?? "0" != "0" }
        return faults.map { "\($0)" } + Leftovers.processes(of: others)
            + (others.count == expected ? [] : ["\(others.count) jobs that never ran: \(expected)"])
            + (known.count == cast.count ? [] : ["one job for several requests"])
    }

    /// Deletes all jobs, and returns what is left of these all the same, or was there of others.
    func leftovers(deleting jobs: [String]) throws -> [String] {
        let before = Leftovers.after(jobs, on: self)
        let deletion = try start(["rm"] + (try cmdctl("list", "-q").lines)).finish()
        guard deletion.code == 0 else { return before + ["\(deletion)"] }
        return before + Leftovers.after([], on: self) + Leftovers.processes(of: jobs)
    }
}
