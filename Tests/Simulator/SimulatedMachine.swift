package import Reactor

/// A machine in memory: a seed, a clock that is moved by hand, and everything a ``Kernel`` can do.
///
/// The same seed and the same program give the same run. Either let loops run as on a real
/// machine, where waiting lets time pass in an instant, or hold the time and move it with
/// ``runUntilIdle()`` and ``advance(by:)``.
package final class SimulatedMachine {
    /// Its kernel.
    package let kernel: SimulatedKernel
    /// What its chance began with; print it when something fails.
    package let seed: UInt64

    private var loops: [(reactor: Reactor, backend: SimulatedBackend)] = []

    /// Starts a machine whose files and processes are none.
    package init(seed: UInt64, faults: FaultPlan = .none) {
        self.seed = seed
        kernel = SimulatedKernel(seed: seed, faults: faults)
    }

    /// A loop on this machine; several of them share everything but their operations.
    package func makeReactor() -> Reactor {
        let backend = SimulatedBackend(kernel: kernel)
        let reactor = Reactor(backend: backend, kernel: kernel)
        loops.append((reactor, backend))
        return reactor
    }

    /// What goes wrong from now on.
    package var faults: FaultPlan {
        get { kernel.with { $0.faults } }
        set { kernel.with { $0.faults = newValue } }
    }

    // MARK: Time

    /// Lets all loops do what they can at this moment, without letting time pass.
    package func runUntilIdle() throws(Errno) {
        kernel.with { $0.isTimeHeld = true }
        defer { kernel.with { $0.isTimeHeld = false } }
        while try turnAll() {}
    }

    /// Turns each loop once; answers whether any had something to do.
    private func turnAll() throws(Errno) -> Bool {
        var hasWorked = false
        for (reactor, backend) in loops {
            let before = backend.activity
            let isDue = reactor.nextDeadline().map { $0 <= kernel.monotonicNow } ?? false
            try reactor.turn()
            if isDue || backend.activity > before { hasWorked = true }
        }
        return hasWorked
    }

    /// Lets that much time pass, stopping wherever something is due.
    package func advance(by duration: Duration) throws(Errno) {
        let end = kernel.monotonicNow + duration
        try runUntilIdle()
        while let next = nextTime(), next <= end {
            kernel.with { $0.now = max($0.now, next) }
            try runUntilIdle()
        }
        kernel.with { $0.now = end }
    }

    private func nextTime() -> Instant? {
        let times = loops.map { $0.reactor.nextDeadline() } + [kernel.with { $0.events.nextTime }]
        return times.compactMap { $0 }.min()
    }

    // MARK: The world outside the program

    /// Installs a program, which processes started from that path then play.
    package func install(_ path: String, _ program: @escaping SimulatedProgram) {
        kernel.with { state in
            state.programs[path] = program
            if state.names[path] == nil {
                _ = state.makeInode(.regular, mode: 0o755, at: path)
            }
        }
    }

    /// Starts a process that is nobody's child here: it can be watched but not reaped.
    package func startElsewhere(_ spawn: ProcessSpawn) throws(Errno) -> Int32 {
        let started = try kernel.start(spawn, parent: MachineState.initProcess)
        kernel.close(started.pidfd)
        return started.pid
    }

    /// Sends a signal to the program under test.
    package func raise(_ number: Int32, value: Int32 = 0) {
        kernel.with { $0.raise(SignalEvent(number: number, sender: 1, value: value)) }
    }

    /// Appends to a file as another process would; makes it if it is not there.
    package func append(_ bytes: [UInt8], to path: String) throws(Errno) {
        try kernel.with { (state) throws(Errno) in
            if state.names[path] == nil {
                _ = state.makeInode(.regular, mode: 0o600, at: path)
                state.notifyParent(of: path, .created)
            }
            let inode = try state.inode(at: path)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = try state.write(Array(rest), to: inode, at: nil)
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Makes a file shorter or longer as another process would.
    package func truncate(_ path: String, to size: Int) throws(Errno) {
        try kernel.with { (state) throws(Errno) in
            state.truncate(try state.inode(at: path), to: size)
        }
    }

    /// The bytes of a file.
    package func contents(of path: String) throws(Errno) -> [UInt8] {
        try kernel.with { (state) throws(Errno) in
            state.inodes[try state.inode(at: path)]?.bytes ?? []
        }
    }

    /// Cuts a connection as a vanished peer would.
    package func reset(_ raw: Int32) {
        kernel.with { $0.reset(raw) }
    }

    /// How many descriptors the program has open.
    package var openDescriptorCount: Int { kernel.with { $0.descriptors.count } }
}
