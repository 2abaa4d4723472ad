import Reactor

/// A control group for each job: all of the job is in it, so all of it can be killed at once.
///
/// A job's groups are `<id>/job`, which holds the job, and `<id>` around it, which holds nothing
/// and is there for limits. A group is used once: what is cloned into one that was killed before
/// may die at birth. Making and removing them is for a worker.
struct ControlGroups: Sendable {
    private let parent: String
    private let kernel: any Kernel

    private static let mode: UInt32 = 0o755

    /// Finds out whether groups can be made in `parent`, the group of this process.
    init?(in parent: String?, kernel: any Kernel, processID: Int32?) {
        guard let parent, let processID else { return nil }
        self.parent = parent
        self.kernel = kernel
        // The permissions do not tell: the hierarchy may belong to another namespace.
        let probe = "\(parent)/cmdctl-\(processID)"
        do {
            // One of that name may be left from a process that had the number before.
            try kernel.findOrMakeDirectory(probe, mode: ControlGroups.mode)
        } catch {
            return nil
        }
        try? kernel.removeDirectory(probe)
    }

    /// The directory of a job's groups, there or not.
    func path(for id: JobID) -> String { "\(parent)/\(id)" }

    /// Makes the groups of a job, and answers the path of the one that it is to be born into.
    func make(for id: JobID) throws(Errno) -> String {
        try kernel.makeDirectory("\(parent)/\(id)", mode: ControlGroups.mode)
        do {
            try kernel.makeDirectory("\(parent)/\(id)/job", mode: ControlGroups.mode)
        } catch {
            try? kernel.removeDirectory("\(parent)/\(id)")
            throw error
        }
        return "\(parent)/\(id)/job"
    }

    /// Kills what is left in the groups of a job, and removes them; answers whether they are gone,
    /// because the killed may need a moment to leave.
    func remove(for id: JobID) -> Bool {
        do {
            try kill(id)
            try kernel.removeDirectory("\(parent)/\(id)/job")
            try kernel.removeDirectory("\(parent)/\(id)")
            return true
        } catch {
            return error == .noEntry
        }
    }

    private func kill(_ id: JobID) throws(Errno) {
        let file = try kernel.openFile(
            "\(parent)/\(id)/job/cgroup.kill", flags: .writeOnly)
        let one = Buffer(capacity: 1)
        one.append([UInt8(ascii: "1")])
        let kernel = kernel
        let raw = file.raw
        _ = try one.withReadableBytes { bytes throws(Errno) in
            try kernel.writeFileNow(raw, at: 0, bytes)
        }
    }
}
