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
struct ShimSearch: Sendable {
    let kernel: any Kernel

    /// What a shim is called in proc_pid_cmdline(5), argument by argument.
    static func arguments(of id: JobID) -> [String] { ["cmdctl-shim", "\(id)"] }

    /// The shim of a job; nil when no process is it.
    ///
    /// - Parameters:
    ///   - id: Which job.
    ///   - hint: The number its index gives, 0 if none; it is asked first, and not believed.
    /// - Returns: The shim, held.
    /// - Throws: What there is too little of to hold a process.
    func shim(of id: JobID, hint: Int32) throws(Errno) -> ShimHandle? {
        if hint > 0, let shim = try shim(of: id, at: hint) { return shim }
        for name in (try? kernel.list("/proc")) ?? [] {
            // Not every process is held for a moment: only those that say they are the one.
            guard let pid = Int32(name), isShim(pid, of: id) else { continue }
            if let shim = try shim(of: id, at: pid) { return shim }
        }
        return nil
    }

    /// Holds the process first and asks for its name then: the number may be another's by now.
    private func shim(of id: JobID, at pid: Int32) throws(Errno) -> ShimHandle? {
        do {
            let descriptor = try kernel.openProcess(pid)
            guard isShim(pid, of: id) else { return nil }
            return ShimHandle(pid: pid, descriptor: descriptor)
        } catch let shortage where shortage.isShortage {
            throw shortage
        } catch {
            return nil
        }
    }

    private func isShim(_ pid: Int32, of id: JobID) -> Bool {
        let expected = ShimSearch.arguments(of: id).flatMap { Array($0.utf8) + [UInt8(0)] }
        let line = try? kernel.contents(of: "/proc/\(pid)/cmdline", sizeMax: expected.count + 1)
        return line == expected
    }
}
