package import Reactor

/// Processes and signals.
extension SimulatedKernel {
    package func spawn(_ spawn: ProcessSpawn) throws(Errno) -> SpawnedProcess {
        let started = try start(spawn)
        return SpawnedProcess(pid: started.pid, descriptor: owned(started.pidfd))
    }

    /// Starts a program, whose script begins to run when the loop waits next.
    func start(_ spawn: ProcessSpawn, parent: Int32? = nil) throws(Errno)
        -> (pid: Int32, pidfd: Int32)
    {
        try call { (state) throws(Errno) in
            let pid = try state.spawn(spawn, parent: parent)
            do throws(Errno) {
                let pidfd = try state.open(.process(pid))
                guard let program = state.programs[spawn.path] else { throw .noEntry }
                let process = SimulatedProcess(pid: pid, spawn: spawn, kernel: self)
                state.note("process \(pid) is \(spawn.arguments.joined(separator: " "))")
                state.events.insert(at: state.now) { program(process) }
                return (pid, pidfd)
            } catch {
                state.end(pid, .signaled(number: 9))
                throw error
            }
        }
    }

    package func openProcess(_ pid: Int32) throws(Errno) -> OwnedDescriptor {
        owned(
            try call { (state) throws(Errno) in
                guard let process = state.processes[pid] else { throw .noProcess }
                if case .reaped = process.life { throw .noProcess }
                return try state.open(.process(pid))
            })
    }

    package func signal(_ pidfd: Int32, _ number: Int32, value: Int32?) throws(Errno) {
        let event = SignalEvent(number: number, sender: pid, value: value ?? 0)
        let handler = try call { (state) throws(Errno) in
            if value != nil, state.faults.refusesQueuedSignals { throw .again }
            return try state.signal(pidfd, event)
        }
        handler?(event)
    }

    package func reap(_ pidfd: Int32) throws(Errno) -> WaitStatus? {
        try call { (state) throws(Errno) in try state.reap(pidfd) }
    }

    package func makeSignalDescriptor(_ numbers: [Int32]) throws(Errno) -> OwnedDescriptor {
        owned(
            try call { (state) throws(Errno) in
                try state.open(
                    .signals(SignalState(owner: state.current, numbers: Set(numbers))))
            })
    }
}
