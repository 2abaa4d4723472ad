import Reactor
import ShimProtocol

/// What there is of a job whose end is not on record.
enum Sighting: Sendable {
    /// Its shim is gone, and this is left.
    case gone(Remains)
    /// Its shim lives; one that was just born cannot be found yet, nor has it started anything.
    case alive(ShimHandle?, startedAt: Timestamp?)
    /// Its shim lives, and its index is gone or cannot be read: how far it has come is not known.
    case blind(ShimHandle)
    /// There is too little of something at this moment to tell.
    case unclear
}

/// Looks for what there is of jobs; for a worker.
struct Scout: Sendable {
    let directory: LogDirectory
    /// Shims run as the same user as the server; a process of another one is none.
    let userID: UInt32?

    /// Looks for some jobs, one after the other; answers in their order.
    func look(for ids: [JobID]) -> [Sighting] {
        var search = ShimSearch(kernel: directory.kernel, userID: userID)
        return ids.map { look(for: $0, &search) }
    }

    private func look(for id: JobID, _ search: inout ShimSearch) -> Sighting {
        do {
            guard let finding = try directory.look(at: id) else {
                return try withoutIndex(id, &search)
            }
            guard finding.isLocked else { return .gone(directory.remains(of: id, finding)) }
            return try alive(id, finding, &search)
        } catch let shortage where shortage.isShortage {
            return .unclear
        } catch {
            let shim = try? search.shim(of: id)
            return shim.map { .blind($0) } ?? .gone(directory.remains(of: id, .unreadable))
        }
    }

    private func alive(
        _ id: JobID, _ finding: IndexFinding, _ search: inout ShimSearch
    ) throws(Errno) -> Sighting {
        guard finding.hasHeader else { return .alive(nil, startedAt: nil) }
        let shim = try search.shim(of: id, hint: finding.header?.shimPID ?? 0)
        // A process of that name without the lock would not be the shim.
        guard try directory.isLocked(id) else { return .gone(try directory.remains(of: id)) }
        // Of another version, or damaged.
        guard finding.header != nil else { return shim.map { .blind($0) } ?? .unclear }
        return .alive(shim, startedAt: finding.startedAt)
    }

    /// A job whose index somebody removed may still run; if it does not, its log tells whether it
    /// ever did.
    private func withoutIndex(
        _ id: JobID, _ search: inout ShimSearch
    ) throws(Errno) -> Sighting {
        if let shim = try search.shim(of: id) { return .blind(shim) }
        let hasLog = (try? directory.outputSize(of: id)) != nil
        return .gone(directory.remains(of: id, hasLog ? .unreadable : nil))
    }
}
