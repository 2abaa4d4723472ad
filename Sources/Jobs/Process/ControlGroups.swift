import Reactor

/// A control group for each job: all of the job is in it, so all of it can be limited, frozen and
/// killed at once.
///
/// A job's groups are `<id>` for its limits, and in it `<id>/job`, which holds the job, and
/// `<id>/shim`, which holds the shim, so that what befalls the job does not befall the one that tells
/// of it. A group is used once: what is cloned into one that was killed before may die at birth.
/// Making, changing and removing them is for a worker.
struct ControlGroups: Sendable {
    /// What can be limited here.
    let offer: LimitOffer
    let outer: String
    let kernel: any Kernel

    static let mode: UInt32 = 0o755

    init(_ layout: ControlGroupLayout, kernel: any Kernel) {
        outer = layout.outer
        offer = layout.offer
        self.kernel = kernel
    }

    /// The groups of a job, there or not.
    func group(of id: JobID) -> ControlGroup {
        ControlGroup(path: "\(outer)/\(id)", kernel: kernel)
    }

    /// Makes the groups of a job.
    ///
    /// - Parameters:
    ///   - id: Which job.
    ///   - limits: What it gets.
    ///   - own: How many processes in its groups are not its own.
    /// - Returns: The groups.
    /// - Throws: What cannot be made or written; nothing is left then.
    func make(
        for id: JobID, _ limits: ResourceLimits, beside own: UInt32
    ) throws(ControlGroupError) -> ControlGroup {
        let group = group(of: id)
        try makeDirectory(group.path)
        do throws(ControlGroupError) {
            try enable(in: group)
            try group.write(limits.controlGroupFiles(beside: own))
            try makeDirectory(group.shimPath)
            try makeDirectory(group.jobPath)
            if offer.controllers.contains(.memory) { try group.dieTogether() }
            return group
        } catch {
            _ = group.remove()
            throw error
        }
    }

    private func makeDirectory(_ path: String) throws(ControlGroupError) {
        do throws(Errno) {
            try kernel.makeDirectory(path, mode: ControlGroups.mode)
        } catch {
            throw ControlGroupError(file: path, error: error)
        }
    }

    /// The two that are told apart within the job's groups: whose memory it is, and who is counted.
    private func enable(in group: ControlGroup) throws(ControlGroupError) {
        for controller in [LimitController.memory, .pids]
        where offer.controllers.contains(controller) {
            try group.write("+\(controller)", to: "cgroup.subtree_control")
        }
    }
}

/// What could not be done to a control group.
struct ControlGroupError: Error, Equatable {
    /// The file or directory.
    let file: String
    let error: Errno
}

extension Kernel {
    /// Writes a short text into a file that is there, in one go, as files of the kernel want it.
    func write(_ text: String, to path: String) throws(Errno) {
        // Of memory.max a newer kernel then does not wait until the memory is reclaimed, and the
        // others pass over it.
        let file = try openFile(path, flags: [.writeOnly, .nonBlocking])
        let bytes = Buffer(capacity: text.utf8.count)
        bytes.append(Array(text.utf8))
        let raw = file.raw
        _ = try bytes.withReadableBytes { bytes throws(Errno) in
            try writeFileNow(raw, at: 0, bytes)
        }
    }

    /// The text of a small file.
    func text(of path: String) throws(Errno) -> String {
        String(decoding: try contents(of: path, sizeMax: 1 << 16), as: UTF8.self)
    }
}
