import Reactor

/// Where the groups of jobs lie, and what can be limited there.
///
/// A group with processes of its own cannot hand controllers on ("no internal processes", the
/// kernel's cgroup-v2.rst), so the jobs are not below the supervisor's group but beside it. systemd
/// before 254 would not even start a service again that has groups with controllers below its own.
struct ControlGroupLayout {
    /// The group of all jobs: it carries what they may take together.
    let outer: String
    let offer: LimitOffer
    /// What to tell the operator: controllers that are there and cannot be used.
    let complaints: [String]

    /// What the group of all jobs is called beside the supervisor's.
    private static let outerName = "cmdctl-jobs"
    /// The group that the supervisor moves into where nothing can be made beside its own.
    private static let leafName = "cmdctld"

    /// Makes the outer group and hands down to it what can be.
    ///
    /// - Parameters:
    ///   - place: Where the operator wants it.
    ///   - own: The group of this process; nil if there is none.
    ///   - root: Where the hierarchy is mounted.
    ///   - kernel: The kernel.
    /// - Throws: Why there can be no groups.
    init(
        _ place: ControlGroupPlace, own: String?, root: String?, kernel: any Kernel
    ) throws(ControlGroupError) {
        guard let own, let root else { throw ControlGroupError(file: "cgroup2", error: .noEntry) }
        let maker = Maker(kernel: kernel)
        var complaints: [String] = []
        switch place {
        case .directory(let path):
            outer = path
            try maker.findOrMake(path)
        case .automatic:
            let sibling = "\(ControlGroup.parent(of: own))/\(Self.outerName)"
            if own != root, (try? maker.findOrMake(sibling)) != nil {
                outer = sibling
            } else {
                outer = "\(own)/\(Self.outerName)"
                try maker.findOrMake(outer)
                let isWorthIt = !maker.controllers(own, "cgroup.controllers").isEmpty
                complaints = isWorthIt ? maker.leave(own, for: Self.leafName) : []
            }
        }
        for group in Self.path(from: root, to: outer) { complaints += maker.enable(in: group) }
        offer = LimitOffer(
            controllers: maker.controllers(outer, "cgroup.subtree_control"),
            processors: maker.processors(of: outer))
        self.complaints = offer.controllers.count < LimitController.allCases.count ? complaints : []
    }

    /// The groups from one down to another: a controller must be handed on by each.
    private static func path(from root: String, to group: String) -> [String] {
        guard group.hasPrefix("\(root)/") else { return [group] }
        return group.dropFirst(root.count + 1).split(separator: "/").reduce(into: [root]) {
            $0.append("\($0[$0.count - 1])/\($1)")
        }
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
    func leave(_ own: String, for leaf: String) -> [String] {
        let path = "\(own)/\(leaf)"
        do throws(Errno) {
            try kernel.findOrMakeDirectory(path, mode: ControlGroups.mode)
            try kernel.write("0", to: "\(path)/cgroup.procs")
            return []
        } catch {
            return ["the server cannot move into the control group \(path): \(error)"]
        }
    }

    /// Hands on every controller that there is, each by itself: one may be refused and the others
    /// not.
    func enable(in path: String) -> [String] {
        let enabled = controllers(path, "cgroup.subtree_control")
        let wanted = controllers(path, "cgroup.controllers").subtracting(enabled)
        return wanted.sorted { $0.rawValue < $1.rawValue }.compactMap { controller in
            do throws(Errno) {
                try kernel.write("+\(controller)", to: "\(path)/cgroup.subtree_control")
                return nil
            } catch {
                return "the control group \(path) does not hand on \(controller): \(error)"
            }
        }
    }
}
