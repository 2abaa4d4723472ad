import Reactor

/// A process that a simulated program stands in for.
struct ProcessState: Sendable {
    enum Life: Sendable {
        case running
        case ended(WaitStatus)
        case reaped
    }

    var life = Life.running
    let isOurChild: Bool
    let spawn: ProcessSpawn
    /// Its descriptors, by their numbers over there.
    var descriptors: [Int32: FileID] = [:]
    /// What it does about a signal; without a handler it dies of it.
    var handler: (@Sendable (SignalEvent) -> Void)?
}

/// Signals that a signal descriptor collects.
struct SignalState: Sendable {
    let numbers: Set<Int32>
    var pending: [SignalEvent] = []

    /// A standard signal that is pending already is not remembered twice; see signal(7).
    mutating func collect(_ event: SignalEvent) {
        guard numbers.contains(event.number) else { return }
        let isRealTime = event.number >= 34
        guard isRealTime || !pending.contains(where: { $0.number == event.number }) else { return }
        pending.append(event)
    }

    mutating func takeRecords(atMost limit: Int) throws(Errno) -> [UInt8] {
        guard !pending.isEmpty else { throw .again }
        let count = min(pending.count, limit / SignalEvents.recordSize)
        guard count > 0 else { throw .invalidArgument }
        let taken = pending.prefix(count)
        pending.removeFirst(count)
        return taken.flatMap(\.record)
    }
}

/// Processes and signals.
extension MachineState {
    mutating func spawn(_ spawn: ProcessSpawn, isOurChild: Bool) throws(Errno) -> Int32 {
        guard programs[spawn.path] != nil else { throw .noEntry }
        guard !(spawn.arguments + spawn.environment).contains(where: { $0.utf8.contains(0) })
        else { throw .invalidArgument }
        let pid = Int32(1000 + makeID())
        var process = ProcessState(isOurChild: isOurChild, spawn: spawn)
        for action in spawn.fileActions {
            // Descriptors 0 to 2 of the daemon itself are not simulated: the child lacks them too.
            guard let id = descriptors[action.source] else { continue }
            openFiles[id]?.references += 1
            process.descriptors[action.target] = id
        }
        processes[pid] = process
        return pid
    }

    /// Ends a process: its descriptors are closed, and its parent may learn how it ended.
    mutating func end(_ pid: Int32, _ status: WaitStatus) {
        guard let process = processes[pid], case .running = process.life else { return }
        processes[pid]?.life = .ended(status)
        processes[pid]?.descriptors = [:]
        processes[pid]?.handler = nil
        for id in process.descriptors.values { drop(id) }
    }

    func processID(_ pidfd: Int32) throws(Errno) -> Int32 {
        guard case .process(let pid) = file(pidfd).kind else { throw .invalidArgument }
        return pid
    }

    mutating func reap(_ pidfd: Int32) throws(Errno) -> WaitStatus? {
        let pid = try processID(pidfd)
        guard let process = processes[pid], process.isOurChild else { throw .noChild }
        switch process.life {
        case .running: return nil
        case .reaped: throw .noChild
        case .ended(let status):
            processes[pid]?.life = .reaped
            return status
        }
    }

    /// Sends a signal; answers the handler to call, if the process has one.
    mutating func signal(_ pidfd: Int32, _ event: SignalEvent) throws(Errno)
        -> (@Sendable (SignalEvent) -> Void)?
    {
        let pid = try processID(pidfd)
        guard let process = processes[pid] else { throw .noProcess }
        switch process.life {
        case .reaped: throw .noProcess
        case .ended: return nil
        case .running where event.number == 0: return nil
        case .running:
            if event.number != 9, let handler = process.handler { return handler }
            end(pid, .signaled(number: event.number))
            return nil
        }
    }

    func hasEnded(_ pid: Int32) -> Bool {
        if case .running = processes[pid]?.life { return false }
        return true
    }

    /// Sends a signal to the program under test itself.
    mutating func raise(_ event: SignalEvent) {
        for (id, file) in openFiles {
            guard case .signals(var state) = file.kind else { continue }
            state.collect(event)
            openFiles[id]?.kind = .signals(state)
        }
    }
}

extension SignalEvent {
    /// The record of signalfd(2), of which this project reads three fields.
    fileprivate var record: [UInt8] {
        var record = [UInt8](repeating: 0, count: SignalEvents.recordSize)
        for (offset, value) in [(0, number), (12, sender), (44, value)] {
            withUnsafeBytes(of: value) { record.replaceSubrange(offset..<offset + 4, with: $0) }
        }
        return record
    }
}
