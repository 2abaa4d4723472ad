import Reactor

/// The few files of proc(5) by which processes are found.
extension MachineState {
    /// The numbers of all processes that have not been reaped, as `/proc` lists them.
    var processNames: [String] {
        processes.filter { $0.value.isListed }.keys.sorted().map { "\($0)" }
    }

    /// The content of a file in `/proc`; nil for any other path.
    func procfsContent(at path: String) -> [UInt8]? {
        if path == "/proc/sys/kernel/random/boot_id" { return Array("this boot\n".utf8) }
        let parts = path.split(separator: "/")
        guard parts.count == 3, parts[0] == "proc" else { return nil }
        guard let pid = parts[1] == "self" ? current : Int32(parts[1]),
            let process = processes[pid], process.isListed
        else { return nil }
        // A process that has ended has no memory any more, and these two are read from there.
        switch parts[2] {
        case "cmdline": return hasEnded(pid) ? [] : Self.block(process.spawn.arguments)
        case "environ": return hasEnded(pid) ? [] : Self.block(process.spawn.environment)
        case "cgroup":
            let group = process.controlGroup?.dropFirst(Self.controlGroupRoot.count)
            return group.map { Array("0::\($0.isEmpty ? "/" : $0)\n".utf8) }
        case "mountinfo" where names[Self.controlGroupRoot] != nil:
            return Array("1 0 0:1 / \(Self.controlGroupRoot) rw - cgroup2 cgroup2 rw\n".utf8)
        case "status": return Array("Pid:\t\(pid)\nUid:\t1000\t1000\t1000\t1000\n".utf8)
        default: return nil
        }
    }

    private static func block(_ texts: [String]) -> [UInt8] {
        texts.flatMap { Array($0.utf8) + [0] }
    }
}

extension ProcessState {
    fileprivate var isListed: Bool {
        if case .reaped = life { return false }
        return true
    }
}
