import Reactor

/// Signals that a signal descriptor collects.
struct SignalState: Sendable {
    let owner: Int32
    let numbers: Set<Int32>
    var pending: [SignalEvent] = []

    /// A standard signal that is pending already is not remembered twice; see signal(7).
    mutating func collect(_ event: SignalEvent) {
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

/// Sending signals.
extension MachineState {
    /// Sends a signal; answers the handler to call, if the process has one.
    mutating func signal(_ pidfd: Int32, _ event: SignalEvent) throws(Errno)
        -> (@Sendable (SignalEvent) -> Void)?
    {
        let pid = try processID(pidfd)
        guard let process = processes[pid] else { throw .noProcess }
        if case .reaped = process.life { throw .noProcess }
        return send(event, to: pid)
    }

    /// Lets a signal have its effect; answers the handler to call, if the process has one.
    mutating func send(_ event: SignalEvent, to pid: Int32) -> (@Sendable (SignalEvent) -> Void)? {
        let sigkill: Int32 = 9
        guard !hasEnded(pid), event.number != 0 else { return nil }
        note("signal \(event.number) to process \(pid)")
        if event.number != sigkill {
            if deliver(event, to: pid) { return nil }
            if let handler = processes[pid]?.handler { return handler }
        }
        end(pid, .signaled(number: event.number))
        return nil
    }

    /// Puts a signal where the process reads it; answers whether it reads such signals.
    @discardableResult
    mutating func deliver(_ event: SignalEvent, to pid: Int32) -> Bool {
        var isCollected = false
        for id in processes[pid]?.descriptors.inOrder ?? [] {
            guard case .signals(var state) = openFiles[id]?.kind, state.owner == pid,
                state.numbers.contains(event.number)
            else { continue }
            state.collect(event)
            openFiles[id]?.kind = .signals(state)
            isCollected = true
        }
        return isCollected
    }

    /// Takes all that a signal descriptor has to tell.
    mutating func takeSignals(_ raw: Int32) throws(Errno) -> [SignalEvent] {
        guard case .signals(var state) = file(raw).kind else { throw .invalidArgument }
        let pending = state.pending
        state.pending = []
        openFiles[fileID(raw)]?.kind = .signals(state)
        return pending
    }

    /// Sends a signal to the program under test itself.
    mutating func raise(_ event: SignalEvent) {
        deliver(event, to: Self.firstProcess)
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
