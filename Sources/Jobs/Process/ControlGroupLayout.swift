import Reactor

/// Where the groups of jobs lie, and what can be limited there.
///
/// A group with processes of its own cannot hand controllers on ("no internal processes", the
/// kernel's cgroup-v2.rst), so the supervisor moves into a leaf beside the outer group of all jobs.
struct ControlGroupLayout {
    /// The group of all jobs: it carries what they may take together.
    let outer: String
    let offer: LimitOffer
    /// What to tell the operator: controllers that are there and cannot be used.
    let complaints: [String]

    /// The names of the two groups beside each other.
    private static let leafName = "cmdctld"
    private static let outerName = "jobs"

    /// Makes the outer group and hands down to it what can be.
    ///
    /// - Parameters:
    ///   - place: Where the operator wants it.
    ///   - own: The group of this process; nil if there is none.
    ///   - kernel: The kernel.
    /// - Throws: Why there can be no groups.
    init(
        _ place: ControlGroupPlace, own: String?, kernel: any Kernel
    ) throws(ControlGroupError) {
        let maker = Maker(kernel: kernel)
        var complaints: [String] = []
        switch place {
        case .automatic:
            guard let own else { throw ControlGroupError(file: "cgroup2", error: .noEntry) }
            let parent = Self.parent(of: own)
            outer = "\(parent)/\(Self.outerName)"
            try maker.findOrMake(outer)
            if !maker.controllers(parent, "cgroup.controllers").isEmpty {
                if own == parent { complaints += maker.leave(parent, for: Self.leafName) }
                complaints += maker.enable(in: parent)
            }
        case .directory(let path):
            outer = path
            try maker.findOrMake(path)
            complaints += maker.enable(in: ControlGroup.parent(of: path), quietly: true)
        }
        complaints += maker.enable(in: outer)
        offer = LimitOffer(
            controllers: maker.controllers(outer, "cgroup.subtree_control"),
            processors: maker.processors(of: outer))
        self.complaints = complaints
    }

    /// A supervisor that was started again, or by a service manager, may be in the leaf already.
    private static func parent(of own: String) -> String {
        own.hasSuffix("/\(leafName)") ? ControlGroup.parent(of: own) : own
    }
}

/// The steps of making a layout.
private struct Maker {
    let kernel: any Kernel

    /// The permissions do not tell whether it works: the hierarchy may belong to another namespace.
    func findOrMake(_ path: String) throws(ControlGroupError) {
        do throws(Errno) {
            try kernel.findOrMakeDirectory(path, mode: ControlGroups.mode)
            _ = try kernel.text(of: "\(path)/cgroup.controllers")
            let probe = "\(path)/probe"
            try kernel.findOrMakeDirectory(probe, mode: ControlGroups.mode)
            try? kernel.removeDirectory(probe)
        } catch {
            throw ControlGroupError(file: path, error: error)
        }
    }

    func controllers(_ path: String, _ file: String) -> Set<LimitController> {
        LimitController.parse((try? kernel.text(of: "\(path)/\(file)")) ?? "")
    }

    /// The processors that a group may use at this moment.
    func processors(of path: String) -> String {
        let list = (try? kernel.text(of: "\(path)/cpuset.cpus.effective")) ?? ""
        return list.filter { $0 != "\n" }
    }

    /// Moves this process, all its threads, into a group below its own.
    func leave(_ parent: String, for leaf: String) -> [String] {
        let path = "\(parent)/\(leaf)"
        do throws(Errno) {
            try kernel.findOrMakeDirectory(path, mode: ControlGroups.mode)
            try kernel.write("0", to: "\(path)/cgroup.procs")
            return []
        } catch {
            return ["the server cannot move into the group \(path): \(error)"]
        }
    }

    /// Hands on every controller that there is, each by itself: one may be refused and the others
    /// not.
    func enable(in path: String, quietly: Bool = false) -> [String] {
        let enabled = controllers(path, "cgroup.subtree_control")
        let wanted = controllers(path, "cgroup.controllers").subtracting(enabled)
        return wanted.sorted { $0.rawValue < $1.rawValue }.compactMap { controller in
            do throws(Errno) {
                try kernel.write("+\(controller)", to: "\(path)/cgroup.subtree_control")
                return nil
            } catch {
                return quietly ? nil : "the group \(path) does not hand on \(controller): \(error)"
            }
        }
    }
}
