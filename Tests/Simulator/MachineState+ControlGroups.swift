import Reactor

/// A hierarchy of control groups, as much of it as a supervisor uses; the kernel's cgroup-v2.rst.
///
/// Nothing is limited by it: its files keep what is written into them.
extension MachineState {
    static let controlGroupRoot = "/sys/fs/cgroup"

    /// Mounts a hierarchy; every process is in its root.
    mutating func mountControlGroups(_ controllers: [String]) {
        for path in ["/sys", "/sys/fs", Self.controlGroupRoot] {
            _ = makeInode(.directory, mode: 0o755, at: path)
        }
        addFiles(to: Self.controlGroupRoot, controllers: controllers)
        for pid in processes.keys { processes[pid]?.controlGroup = Self.controlGroupRoot }
    }

    func isInHierarchy(_ path: String) -> Bool {
        path.hasPrefix(Self.controlGroupRoot + "/") && names[Self.controlGroupRoot] != nil
    }

    /// What a group is born with: files for what its parent hands on.
    mutating func addFiles(to path: String, controllers: [String]? = nil) {
        let handedOn = try? text(of: "\(Self.parent(of: path))/cgroup.subtree_control")
        let controllers = controllers ?? (handedOn ?? "").split(separator: " ").map(String.init)
        var files = [
            "cgroup.controllers": controllers.joined(separator: " "), "cgroup.procs": "",
            "cgroup.subtree_control": "", "cgroup.freeze": "0", "cgroup.kill": "",
            "cgroup.events": "populated 0\nfrozen 0\n", "cpu.stat": "usage_usec 0\n",
        ]
        for controller in controllers {
            files.merge(Self.files(of: controller)) { $1 }
        }
        add(files, to: path)
    }

    private mutating func add(_ files: [String: String], to path: String) {
        for (name, text) in files.sorted(by: { $0.key < $1.key }) {
            let id = makeInode(.regular, mode: 0o644, at: "\(path)/\(name)")
            inodes[id]?.bytes = Array(text.utf8)
            inodes[id]?.controlGroupFile = ControlGroupFileName(group: path, name: name)
        }
    }

    private static func files(of controller: String) -> [String: String] {
        switch controller {
        case "cpu": ["cpu.max": "max 100000", "cpu.weight": "100"]
        case "cpuset": ["cpuset.cpus": "", "cpuset.cpus.effective": "0-3\n"]
        case "io": ["io.max": "", "io.stat": ""]
        case "memory":
            [
                "memory.max": "max", "memory.high": "max", "memory.swap.max": "max",
                "memory.oom.group": "0", "memory.events": "oom_kill 0\n", "memory.peak": "0\n",
                "memory.current": "0\n",
            ]
        case "pids": ["pids.max": "max", "pids.current": "0\n"]
        default: [:]
        }
    }

    func text(of path: String) throws(Errno) -> String {
        String(decoding: inodes[try inode(at: path)]?.bytes ?? [], as: UTF8.self)
    }

    mutating func setText(_ text: String, of path: String) {
        guard let id = names[path] else { preconditionFailure("no file \(path)") }
        inodes[id]?.bytes = Array(text.utf8)
    }

    // MARK: What files do

    /// Does what the writing of a text into a group's file means.
    mutating func write(_ text: String, to file: ControlGroupFileName) throws(Errno) {
        let path = "\(file.group)/\(file.name)"
        switch file.name {
        case "cgroup.procs":
            guard let pid = Int32(text) else { throw .invalidArgument }
            try enterControlGroup(file.group, pid == 0 ? current : pid)
        case "cgroup.kill":
            for pid in members(below: file.group) { end(pid, .signaled(number: 9)) }
        case "cgroup.subtree_control": try handOn(String(text.dropFirst()), in: file.group)
        case "cgroup.freeze":
            if text == "0", let thawError { throw thawError }
            setText(text, of: path)
            let populated = members(below: file.group).isEmpty ? 0 : 1
            let frozen = freezes ? text : "0"
            setText("populated \(populated)\nfrozen \(frozen)\n", of: "\(file.group)/cgroup.events")
        case "io.max":
            let device = text.split(separator: " ").first ?? ""
            let lines = try self.text(of: path).split(separator: "\n")
            let others = lines.filter { !$0.hasPrefix("\(device) ") }.map(String.init)
            setText((others + [text]).joined(separator: "\n"), of: path)
        default: setText(text, of: path)
        }
    }

    /// A group with processes of its own hands nothing on, unless it is the root.
    private mutating func handOn(_ controller: String, in group: String) throws(Errno) {
        let offered = try text(of: "\(group)/cgroup.controllers").split(separator: " ")
        guard offered.contains(Substring(controller)) else { throw .noEntry }
        let isInner = processes.contains { $1.controlGroup == group && !hasEnded($0) }
        guard !isInner || group == Self.controlGroupRoot else { throw .busy }
        let path = "\(group)/cgroup.subtree_control"
        let handedOn = Set(try text(of: path).split(separator: " ").map(String.init) + [controller])
        setText(handedOn.sorted().joined(separator: " "), of: path)
        for child in children(of: group)
        where !(try self.text(of: "\(child)/cgroup.controllers"))
            .split(separator: " ").contains(Substring(controller))
        {
            add(Self.files(of: controller), to: child)
            let offered = try self.text(of: "\(child)/cgroup.controllers")
            setText("\(offered) \(controller)", of: "\(child)/cgroup.controllers")
        }
    }

    private func children(of group: String) -> [String] {
        list(group).map { "\(group)/\($0)" }.filter { path in
            names[path].flatMap { inodes[$0] }?.kind == .directory
        }
    }

    mutating func enterControlGroup(_ directory: String, _ pid: Int32) throws(Errno) {
        let handedOn = try text(of: "\(directory)/cgroup.subtree_control")
        guard handedOn.isEmpty || directory == Self.controlGroupRoot else { throw .busy }
        processes[pid]?.controlGroup = directory
    }

    func checkRemoval(ofGroup path: String) throws(Errno) {
        guard children(of: path).isEmpty, members(below: path).isEmpty else { throw .busy }
    }

    /// The processes of a group and of all below it, oldest first.
    private func members(below group: String) -> [Int32] {
        processes.keys.sorted().filter { pid in
            guard !hasEnded(pid), let own = processes[pid]?.controlGroup else { return false }
            return own == group || own.hasPrefix(group + "/")
        }
    }
}

/// Which file of which group.
struct ControlGroupFileName: Sendable {
    let group: String
    let name: String
}
