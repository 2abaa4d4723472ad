import Reactor
import ShimProtocol

/// What there is of a job whose end is not on record.
enum Sighting: Sendable {
    /// Its shim is gone, and this is what its index says; nil: it has none.
    case gone(IndexFinding?)
    /// Its shim lives; one that was just born cannot be found yet, nor has it started anything.
    case alive(ShimHandle?, startedAt: Timestamp?)
    /// Its shim lives, and its index is gone or cannot be read: how it ends will not be known.
    case blind(ShimHandle)
    /// There is too little of something at this moment to tell.
    case unclear
}

/// Looks for what there is of a job; for a worker.
struct Scout: Sendable {
    let directory: LogDirectory

    private var kernel: any Kernel { directory.kernel }

    /// Looks for a job.
    func look(for id: JobID) -> Sighting {
        do {
            guard let finding = try directory.look(at: id) else { return try withoutIndex(id) }
            return finding.isLocked ? try alive(id, finding) : .gone(finding)
        } catch let shortage where shortage.isShortage {
            return .unclear
        } catch {
            let shim = try? ShimSearch(kernel: kernel).shim(of: id, hint: 0)
            return shim.map { .blind($0) } ?? .gone(.unreadable)
        }
    }

    private func alive(_ id: JobID, _ finding: IndexFinding) throws(Errno) -> Sighting {
        guard finding.hasHeader else { return .alive(nil, startedAt: nil) }
        let hint = finding.header?.shimPID ?? 0
        let shim = try ShimSearch(kernel: kernel).shim(of: id, hint: hint)
        // A process of that name without the lock would not be the shim.
        guard try directory.isLocked(id) else { return .gone(try directory.look(at: id)) }
        return .alive(shim, startedAt: finding.startedAt)
    }

    /// A job whose index somebody removed may still run; if it does not, its log tells whether it
    /// ever did.
    private func withoutIndex(_ id: JobID) throws(Errno) -> Sighting {
        if let shim = try ShimSearch(kernel: kernel).shim(of: id, hint: 0) { return .blind(shim) }
        let hasLog = (try? directory.outputSize(of: id)) != nil
        return .gone(hasLog ? .unreadable : nil)
    }
}
