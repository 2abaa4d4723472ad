import Reactor

/// A process: a program with a loop, a shim, or something that a simulated program stands in for.
struct ProcessState: Sendable {
    enum Life: Sendable {
        case running
        case ended(WaitStatus)
        case reaped
    }

    var life = Life.running
    /// Who may reap it, and hears of its end.
    var parent: Int32
    /// In the order of their births.
    var children: [Int32] = []
    let spawn: ProcessSpawn
    /// The session and process group it is in, named after their leader.
    var group: Int32 = 0
    /// The directory of its control group, where there are any.
    var controlGroup: String?
    /// Orphans below it become its children; prctl(2), PR_SET_CHILD_SUBREAPER.
    var isSubreaper = false
    /// Dies of that signal when its parent dies; prctl(2), PR_SET_PDEATHSIG.
    var parentDeathSignal: Int32?
    /// So many descriptors it may have, if fewer than others.
    var descriptorsMax: Int?
    /// It is killed in the middle of that system call, counted down.
    var callsLeft: Int?
    /// It is killed when it has come to that place so many times.
    var deadlyPlace: (name: String, timesLeft: Int)?
    /// Where it last said to be.
    var lastPlace: String?
    /// How it ended.
    var status: WaitStatus?
    /// Its descriptors, by their numbers over there.
    var descriptors = DescriptorTable()
    /// What it does about a signal; without a handler it dies of it.
    var handler: (@Sendable (SignalEvent) -> Void)?

    /// What stands for a process that never was.
    static let gone = ProcessState(
        life: .reaped, parent: 0, spawn: ProcessSpawn(path: "", arguments: []))
}

/// Births and deaths.
extension MachineState {
    /// Makes a process, a child of the current one unless told otherwise.
    mutating func spawn(_ spawn: ProcessSpawn, parent: Int32? = nil) throws(Errno) -> Int32 {
        guard programs[spawn.path] != nil else { throw .noEntry }
        guard !(spawn.arguments + spawn.environment).contains(where: { $0.utf8.contains(0) })
        else { throw .invalidArgument }
        var descriptors = DescriptorTable()
        for action in spawn.fileActions {
            // Descriptors 0 to 2 of the daemon itself are not simulated: the child lacks them too.
            guard let id = self.descriptors[action.source] else { continue }
            openFiles[id]?.references += 1
            descriptors.set(action.target, to: id)
        }
        let pid = makeProcess(spawn, parent: parent ?? current, descriptors)
        if let group = spawn.controlGroup { try? enterControlGroup(group, pid) }
        return pid
    }

    /// Makes a process of whatever it is to be.
    mutating func makeProcess(
        _ spawn: ProcessSpawn, parent: Int32, _ descriptors: DescriptorTable = DescriptorTable()
    ) -> Int32 {
        let pid = Int32(1000 + makeID())
        var process = ProcessState(parent: parent, spawn: spawn)
        process.descriptors = descriptors
        process.group = processes[parent]?.group ?? 0
        process.controlGroup = processes[parent]?.controlGroup
        processes[pid] = process
        processes[parent]?.children.append(pid)
        return pid
    }

    /// Ends a process: its descriptors are closed, its children become orphans, and its parent
    /// may learn how it ended.
    mutating func end(_ pid: Int32, _ status: WaitStatus) {
        guard let process = processes[pid], case .running = process.life else { return }
        note("process \(pid) \(status)")
        processes[pid]?.life = .ended(status)
        processes[pid]?.status = status
        processes[pid]?.descriptors = DescriptorTable()
        processes[pid]?.handler = nil
        processes[pid]?.children = []
        for id in process.descriptors.inOrder { drop(id) }
        for child in process.children { orphan(child, of: pid) }
        tellParent(of: pid)
    }

    private mutating func orphan(_ child: Int32, of parent: Int32) {
        let adopter = subreaper(above: parent)
        processes[child]?.parent = adopter
        processes[adopter]?.children.append(child)
        if let number = processes[child]?.parentDeathSignal {
            end(child, .signaled(number: number))
        }
        if adopter == Self.initProcess, case .ended? = processes[child]?.life { forget(child) }
    }

    private func subreaper(above pid: Int32) -> Int32 {
        var next = processes[pid]?.parent ?? 0
        while let process = processes[next] {
            if process.isSubreaper, case .running = process.life { return next }
            next = process.parent
        }
        return Self.initProcess
    }

    private mutating func tellParent(of pid: Int32) {
        guard let parent = processes[pid]?.parent, parent != Self.initProcess else {
            return forget(pid)
        }
        let sigchld: Int32 = 17
        deliver(SignalEvent(number: sigchld, sender: pid, value: 0), to: parent)
    }

    private mutating func forget(_ pid: Int32) {
        processes[pid]?.life = .reaped
        if let parent = processes[pid]?.parent {
            processes[parent]?.children.removeAll { $0 == pid }
        }
    }

    /// Collects a child of the current process; nil while it runs.
    mutating func reap(child pid: Int32) throws(Errno) -> WaitStatus? {
        guard let process = processes[pid], process.parent == current else { throw .noChild }
        switch process.life {
        case .running: return nil
        case .reaped: throw .noChild
        case .ended(let status):
            forget(pid)
            return status
        }
    }

    mutating func reap(_ pidfd: Int32) throws(Errno) -> WaitStatus? {
        try reap(child: try processID(pidfd))
    }

    func processID(_ pidfd: Int32) throws(Errno) -> Int32 {
        guard case .process(let pid) = file(pidfd).kind else { throw .invalidArgument }
        return pid
    }

    /// Whether a process may make a system call: it is not dead, and is not killed in this one.
    mutating func lives(_ pid: Int32) -> Bool {
        guard !hasEnded(pid) else { return false }
        guard let left = processes[pid]?.callsLeft else { return true }
        processes[pid]?.callsLeft = left - 1
        guard left <= 0 else { return true }
        note("killed in a system call")
        end(pid, .signaled(number: 9))
        return false
    }

    /// The current process has come to a place by that name; some are killed there.
    mutating func reached(_ place: String) {
        guard !hasEnded(current) else { return }
        processes[current]?.lastPlace = place
        guard let deadly = processes[current]?.deadlyPlace, deadly.name == place else { return }
        processes[current]?.deadlyPlace?.timesLeft -= 1
        guard deadly.timesLeft <= 1 else { return }
        note("killed at \(place)")
        end(current, .signaled(number: 9))
    }

    func hasEnded(_ pid: Int32) -> Bool {
        if case .running = processes[pid]?.life { return false }
        return true
    }

    /// A process and everything below it.
    func family(of pid: Int32) -> [Int32] {
        [pid] + (processes[pid]?.children ?? []).flatMap { family(of: $0) }
    }
}
