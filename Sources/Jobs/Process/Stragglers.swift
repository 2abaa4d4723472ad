import Reactor

/// What is left of jobs whose shim was killed and that had no control group.
///
/// It is found by the one variable that every process of a job is born with, which is for a worker.
/// A process that has cleared its environment is not found; only a group could hold that.
struct Stragglers: Sendable {
    let kernel: any Kernel
    /// The number of this process, which may itself run in somebody's job.
    let processID: Int32?
    /// Processes of others are none of our jobs', whatever they have in their environment.
    let userID: UInt32?

    /// The variable that names a job to its processes.
    static func variable(of id: JobID) -> String { "\(JobID.variableName)=\(id)" }

    /// Kills what is left of some jobs; answers whether nothing was.
    func kill(of ids: Set<JobID>) -> Bool {
        let variables = Set(ids.map { Array(Stragglers.variable(of: $0).utf8) })
        var foundNone = true
        for name in (try? kernel.list("/proc")) ?? [] {
            guard let pid = Int32(name), pid != processID, belongs(pid, to: variables) else {
                continue
            }
            foundNone = false
            kill(pid, variables)
        }
        return foundNone
    }

    /// Holds the process first and asks again then: the number may be another's by now.
    private func kill(_ pid: Int32, _ variables: Set<[UInt8]>) {
        guard let process = try? kernel.openProcess(pid), belongs(pid, to: variables) else {
            return
        }
        let sigkill: Int32 = 9
        try? kernel.signal(process.raw, sigkill, value: nil)
    }

    private func belongs(_ pid: Int32, to variables: Set<[UInt8]>) -> Bool {
        let environment = try? kernel.contents(of: "/proc/\(pid)/environ", sizeMax: 1 << 22)
        guard let environment, !environment.isEmpty,
            environment.split(separator: 0).contains(where: { variables.contains(Array($0)) })
        else { return false }
        let status = try? kernel.contents(of: "/proc/\(pid)/status", sizeMax: 1 << 16)
        let owner = ProcessStatus(parsing: String(decoding: status ?? [], as: UTF8.self)).userID
        return owner == userID
    }
}
