import Reactor

/// A shim by its pidfd, fit to be handed from a worker to the loop.
final class ShimHandle: Sendable {
    /// For people and logs only: numbers are reused.
    let pid: Int32
    /// Means this very process, whatever becomes of its number.
    let descriptor: OwnedDescriptor

    /// Takes over a process that was just spawned.
    init(_ process: consuming SpawnedProcess) {
        pid = process.pid
        descriptor = process.descriptor
    }

    fileprivate init(pid: Int32, descriptor: consuming OwnedDescriptor) {
        self.pid = pid
        self.descriptor = descriptor
    }
}

/// Finds shims that another life of the supervisor started; for a worker.
///
/// However many are looked for, the processes are gone through once.
struct ShimSearch {
    let kernel: any Kernel
    let userID: UInt32?
    private var census: [JobID: [Int32]]?

    init(kernel: any Kernel, userID: UInt32?) {
        self.kernel = kernel
        self.userID = userID
    }

    /// What a shim is called in proc_pid_cmdline(5), argument by argument.
    static func arguments(of id: JobID) -> [String] { ["cmdctl-shim", "\(id)"] }

    /// The shim of a job; nil when no process is it.
    ///
    /// - Parameters:
    ///   - id: Which job.
    ///   - hint: The number its index gives, 0 if none; it is asked first, and not believed.
    /// - Returns: The shim, held.
    /// - Throws: What there is too little of to hold a process.
    mutating func shim(of id: JobID, hint: Int32 = 0) throws(Errno) -> ShimHandle? {
        if hint > 0, let shim = try shim(of: id, at: hint) { return shim }
        let census = census ?? takeCensus()
        self.census = census
        let pids = census[id] ?? []
        for pid in pids where !isChild(pid, of: pids) {
            if let shim = try shim(of: id, at: pid) { return shim }
        }
        return nil
    }

    /// The first of the host's users that the job of a shim that lives has for its own,
    /// user_namespaces(7); nil if it has none.
    ///
    /// Nobody else can make a process with such a map and the shim for its parent.
    mutating func subIDBase(of id: JobID) -> UInt32? {
        let census = census ?? takeCensus()
        self.census = census
        let shims = (census[id] ?? []).filter(isOurs)
        for pid in census[id] ?? [] where isChild(pid, of: shims) {
            let map = try? kernel.contents(of: "/proc/\(pid)/uid_map", sizeMax: 1 << 12)
            let text = String(decoding: map ?? [], as: UTF8.self)
            if let first = SubIDLeases.range(ofMap: text) { return first }
        }
        return nil
    }

    /// The first process of a job's namespace is a copy of the shim, down to the name.
    private func isChild(_ pid: Int32, of others: [Int32]) -> Bool {
        status(of: pid).parentID.map(others.contains) == true
    }

    /// Every process that says it is a shim.
    private func takeCensus() -> [JobID: [Int32]] {
        var found: [JobID: [Int32]] = [:]
        for name in (try? kernel.list("/proc")) ?? [] {
            // Not every process is held for a moment: only those that say they are the one.
            guard let pid = Int32(name), let id = job(ofShim: pid) else { continue }
            found[id, default: []].append(pid)
        }
        return found
    }

    /// Holds the process first and asks for its name then: the number may be another's by now.
    private func shim(of id: JobID, at pid: Int32) throws(Errno) -> ShimHandle? {
        do {
            let descriptor = try kernel.openProcess(pid)
            guard job(ofShim: pid) == id, isOurs(pid) else { return nil }
            return ShimHandle(pid: pid, descriptor: descriptor)
        } catch let shortage where shortage.isShortage {
            throw shortage
        } catch {
            return nil
        }
    }

    /// The job that a process says it is the shim of; nil for any other process.
    private func job(ofShim pid: Int32) -> JobID? {
        let sizeMax = 64
        let line = try? kernel.contents(of: "/proc/\(pid)/cmdline", sizeMax: sizeMax)
        let words = (line ?? []).split(separator: 0)
        guard words.count == 2, let id = JobID(String(decoding: words[1], as: UTF8.self)),
            line == ShimSearch.arguments(of: id).flatMap({ Array($0.utf8) + [0] })
        else { return nil }
        return id
    }

    /// Anybody may call a process that.
    private func isOurs(_ pid: Int32) -> Bool { status(of: pid).userID == userID }

    private func status(of pid: Int32) -> ProcessStatus {
        let text = try? kernel.contents(of: "/proc/\(pid)/status", sizeMax: 1 << 16)
        return ProcessStatus(parsing: String(decoding: text ?? [], as: UTF8.self))
    }
}
