package import Reactor

/// Processes as the world sees and treats them, and what it notes about them.
extension SimulatedMachine {
    /// Begins to note what happens.
    package func keepTrace() {
        kernel.with { $0.keepsTrace = true }
    }

    /// What has happened so far, each line with its time in microseconds.
    package var trace: [String] { kernel.with { $0.trace } }

    /// Notes something.
    package func note(_ event: String) {
        kernel.with { $0.note(event) }
    }

    /// The processes of a program that are alive, oldest first.
    package func processes(of path: String) -> [Int32] {
        kernel.with { state in
            state.processes.keys.sorted().filter { pid in
                state.processes[pid]?.spawn.path == path && !state.hasEnded(pid)
            }
        }
    }

    /// All processes that are alive, but the first one: their paths.
    package var livingPrograms: [String] {
        kernel.with { state in
            state.processes.keys.sorted().filter { $0 != state.current && !state.hasEnded($0) }
                .compactMap { state.processes[$0]?.spawn.path }
        }
    }

    /// How a process ended; nil while it runs.
    package func status(of pid: Int32) -> WaitStatus? {
        kernel.with { $0.processes[pid]?.status }
    }

    /// The argument vector of a process.
    package func arguments(of pid: Int32) -> [String] {
        kernel.with { $0.processes[pid]?.spawn.arguments ?? [] }
    }

    /// Kills a process, as anybody with the right to may.
    package func kill(_ pid: Int32) {
        kernel.with { $0.end(pid, .signaled(number: 9)) }
    }

    /// Kills a process in the middle of its `number`-th system call from now on.
    package func kill(_ pid: Int32, inCall number: Int) {
        kernel.with { $0.processes[pid]?.callsLeft = number }
    }

    /// Makes a process with the same standard output and error, as fork(2) does.
    package func fork(_ process: SimulatedProcess) -> SimulatedProcess {
        kernel.with { state in
            var table = DescriptorTable()
            for number: Int32 in [1, 2] {
                guard let id = state.processes[process.pid]?.descriptors[number] else { continue }
                state.openFiles[id]?.references += 1
                table.set(number, to: id)
            }
            let pid = state.makeProcess(process.spawn, parent: process.pid, table)
            return SimulatedProcess(pid: pid, spawn: process.spawn, kernel: process.kernel)
        }
    }

    /// Adds one that is played by hand.
    package func add(_ participant: any Participant) {
        participants.append(participant)
    }

    // MARK: Connections

    /// Cuts one of a process's connections.
    package func cutConnection(of pid: Int32) {
        kernel.with { state in
            guard let id = state.connections(of: pid).randomElement(using: &state.random)
            else { return }
            state.note("a connection is cut")
            state.reset(id)
        }
    }

    /// Holds up one of a process's connections.
    package func stallConnection(of pid: Int32, for duration: Duration) {
        kernel.with { state in
            guard let id = state.connections(of: pid).randomElement(using: &state.random)
            else { return }
            state.note("a connection stalls for \(duration)")
            state.stall(id, until: state.now + duration)
        }
    }
}
