import Glibc
import Reactor
package import ShimCore
import ShimProtocol

/// The processes of a job.
extension SimulatedShimSystem {
    package func leaveDaemon() {
        kernel.with { state in
            state.processes[state.current]?.group = state.current
        }
    }

    package func shieldFromMemoryPressure() {}
    package func hideFromOtherProcesses() {}
    package func releaseFreeMemory() {}

    package func enterControlGroup(_ directory: String) throws(SystemError) {
        try call { (state) throws(Errno) in
            try state.enterControlGroup(directory, state.current)
        }
    }

    package func memoryReport(of directory: String) -> MemoryReport? {
        let texts = try? call { (state) throws(Errno) in
            (
                try state.text(of: "\(directory)/memory.events"),
                try state.text(of: "\(directory)/memory.peak")
            )
        }
        return texts.map { MemoryReport(events: $0, peak: $1) }
    }

    package func becomeSubreaper() throws(SystemError) {
        try call { state in state.processes[state.current]?.isSubreaper = true }
    }

    package func startInit(_ launch: LeaderLaunch) throws(StartFailure) -> StartedProcess {
        preconditionFailure("there are no namespaces here")
    }

    package func child(of parent: Int32, withInnerPID inner: Int32) -> Int32? { nil }

    /// The child comes to its program, or tells that it cannot, some time later.
    package func startLeader(_ launch: LeaderLaunch) throws(StartFailure) -> StartedProcess {
        do throws(SystemError) {
            let spawn = Self.spawn(launch)
            let (kernel, group) = (kernel, launch.plan.cgroupDirectory)
            return try call { (state) throws(Errno) in
                let pipe = try state.makePipe()
                let pid = state.fork(spawn, executionPipe: pipe.write)
                if let group { try state.enterControlGroup(group, pid) }
                let process = SimulatedProcess(pid: pid, spawn: spawn, kernel: kernel)
                let delay = Duration.microseconds(Int.random(in: 0...2000, using: &state.random))
                state.events.insert(at: state.now + delay) { process.execute() }
                return StartedProcess(pid: pid, descriptor: pipe.read)
            }
        } catch {
            throw StartFailure(stage: .supervisor, errno: error.number, detail: "clone3")
        }
    }

    private static func spawn(_ launch: LeaderLaunch) -> ProcessSpawn {
        ProcessSpawn(
            path: launch.plan.program, arguments: [launch.plan.program] + launch.plan.arguments,
            environment: launch.plan.environment.map { "\($0.name)=\($0.value)" },
            fileActions: [
                ProcessSpawn.FileAction(target: STDOUT_FILENO, source: launch.standardOutput),
                ProcessSpawn.FileAction(target: STDERR_FILENO, source: launch.standardError),
            ])
    }

    package func reapChild() -> ReapedChild {
        let reaped = try? call { (state) throws(Errno) in
            let children = state.processes[state.current]?.children ?? []
            guard !children.isEmpty else { return ReapedChild.noChildren }
            for child in children {
                guard let status = try state.reap(child: child) else { continue }
                return .ended(pid: child, how: ProcessEnd(status))
            }
            return .noneYet
        }
        return reaped ?? .noneYet
    }

    package func signal(_ number: Int32, process pid: Int32) {
        let event = SignalEvent(number: number, sender: kernel.pid, value: 0)
        let handler = try? call { $0.send(event, to: pid) }
        handler?(event)
    }

    package func signal(_ number: Int32, group pid: Int32) {
        let event = SignalEvent(number: number, sender: kernel.pid, value: 0)
        let handlers = try? call { state in
            state.members(of: pid).compactMap { state.send(event, to: $0) }
        }
        for handler in handlers ?? [] { handler(event) }
    }

    package func kill(_ reach: KillReach) -> Bool {
        _ = try? call { state in
            for pid in state.family(of: state.current).dropFirst() {
                state.end(pid, .signaled(number: SIGKILL))
            }
        }
        return true
    }

    package func childrenUsage() -> ResourceUsage {
        ResourceUsage(userCPUMicroseconds: 1, systemCPUMicroseconds: 2, maxResidentBytes: 3)
    }

    package func complain(_ message: String) {
        let pid = processID
        kernel.with { $0.note("shim \(pid): \(message)") }
    }
}

extension MachineState {
    /// Where a process that was forked, and has not come to its program, tells why.
    static let executionDescriptor: Int32 = 9

    /// A child in a session of its own that dies with its parent.
    fileprivate mutating func fork(_ spawn: ProcessSpawn, executionPipe: Int32) -> Int32 {
        var table = DescriptorTable()
        for action in spawn.fileActions {
            let id = fileID(action.source)
            openFiles[id]?.references += 1
            table.set(action.target, to: id)
        }
        table.set(Self.executionDescriptor, to: fileID(executionPipe))
        descriptors.remove(executionPipe)
        let pid = makeProcess(spawn, parent: current, table)
        processes[pid]?.group = pid
        processes[pid]?.parentDeathSignal = SIGKILL
        note("process \(pid) is to run \(spawn.arguments.joined(separator: " "))")
        return pid
    }

    /// The processes of a group that are alive, oldest first.
    fileprivate func members(of group: Int32) -> [Int32] {
        processes.keys.filter { processes[$0]?.group == group && !hasEnded($0) }.sorted()
    }
}

extension SimulatedProcess {
    /// Becomes its program, if there is one.
    fileprivate func execute() {
        guard !hasEnded else { return }
        guard let program = kernel.with({ $0.programs[spawn.path] }) else {
            let report = StartReport.failed(stage: .execute, errno: ENOENT, detail: spawn.path)
            var rest = report.encoded()[...]
            while !rest.isEmpty,
                let count = try? write(Array(rest), to: MachineState.executionDescriptor)
            {
                rest = rest.dropFirst(count)
            }
            return exit(code: 127)
        }
        close(MachineState.executionDescriptor)
        program(self)
    }
}

extension ProcessEnd {
    fileprivate init(_ status: WaitStatus) {
        switch status {
        case .exited(let code): self = .exited(code: code)
        case .signaled(let number): self = .signaled(number: number)
        }
    }
}
