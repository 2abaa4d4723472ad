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

    /// The groups of a job, there or not.
    func group(of id: JobID) -> ControlGroup {
        ControlGroup(path: "\(parent)/\(id)", kernel: kernel)
    }

    /// Makes the groups of a job, and answers the path of the one that it is to be born into.
    func make(for id: JobID) throws(Errno) -> String {
        let group = group(of: id)
        try kernel.makeDirectory(group.path, mode: ControlGroups.mode)
        do {
            try kernel.makeDirectory(group.jobPath, mode: ControlGroups.mode)
        } catch {
            try? kernel.removeDirectory(group.path)
            throw error
        }
        return group.jobPath
    }
}
