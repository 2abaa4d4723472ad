package import Reactor

/// A machine in memory: a seed, a clock that is moved by hand, and everything a ``Kernel`` can do.
///
/// The same seed and the same program give the same run. Either let loops run as on a real
/// machine, where waiting lets time pass in an instant, or hold the time and move it with
/// ``runUntilIdle()`` and ``advance(by:)``.
package final class SimulatedMachine {
    /// Its kernel, as the first process sees it.
    package let kernel: SimulatedKernel
    /// What its chance began with; print it when something fails.
    package let seed: UInt64

    var participants: [any Participant] = []
    /// What plays the processes that are more than a script, by the path of their program.
    private var players: [String: (SimulatedProcess) -> any Participant] = [:]
    private var isInterrupted = false

    /// Starts a machine whose files and processes are none.
    package init(seed: UInt64, faults: FaultPlan = .none) {
        self.seed = seed
        kernel = SimulatedKernel(seed: seed, faults: faults)
    }

    /// A loop of the first process; several of them share everything but their operations.
    package func makeReactor() -> Reactor {
        start(SimulatedLoop(kernel)).reactor
    }

    /// A loop in a new process.
    package func startProgram(_ name: String) -> SimulatedLoop {
        start(SimulatedLoop(SimulatedKernel(beside: kernel, named: name)))
    }

    private func start(_ loop: SimulatedLoop) -> SimulatedLoop {
        participants.append(loop)
        return loop
    }

    /// What goes wrong from now on.
    package var faults: FaultPlan {
        get { kernel.with { $0.faults } }
        set { kernel.with { $0.faults = newValue } }
    }

    /// A number that depends on nothing but the seed and what was drawn before.
    package func draw<Value>(_ body: (inout SeededGenerator) -> Value) -> Value {
        var random = SeededGenerator(seed: kernel.with { $0.random.next() })
        return body(&random)
    }

    // MARK: Time

    /// Lets all do what they can at this moment, without letting time pass.
    package func runUntilIdle() throws(Errno) {
        kernel.with { $0.isTimeHeld = true }
        defer { kernel.with { $0.isTimeHeld = false } }
        while try turnAll() {}
    }

    /// Turns each participant once; answers whether any had something to do.
    private func turnAll() throws(Errno) -> Bool {
        var hasWorked = runEvents()
        for participant in inTurn where try participant.turn() { hasWorked = true }
        participants.removeAll(where: \.isOver)
        return hasWorked
    }

    private var inTurn: [any Participant] {
        guard faults.shuffles else { return participants }
        return kernel.with { state in
            participants.indices.shuffled(using: &state.random)
        }.map { participants[$0] }
    }

    private func runEvents() -> Bool {
        var hasWorked = false
        while let event = kernel.with({ $0.events.popDue(at: $0.now) }) {
            event()
            hasWorked = true
        }
        for process in kernel.with({ $0.takeNewborn() }) {
            guard let player = players[process.spawn.path] else { continue }
            participants.append(player(process))
            hasWorked = true
        }
        return hasWorked
    }

    /// Lets others go on while one is in the middle of something, as the kernel may at any moment.
    func interrupt(_ busy: any Participant) {
        guard !isInterrupted, kernel.with({ $0.random.happens($0.faults.interruptions) })
        else { return }
        isInterrupted = true
        defer { isInterrupted = false }
        _ = runEvents()
        for participant in inTurn where participant !== busy {
            do {
                _ = try participant.turn()
            } catch {
                preconditionFailure("with the time held nobody waits for ever")
            }
        }
    }

    /// Lets that much time pass, stopping wherever something is due.
    package func advance(by duration: Duration) throws(Errno) {
        let end = kernel.monotonicNow + duration
        try runUntilIdle()
        while let next = nextTime, next <= end {
            kernel.with { $0.now = max($0.now, next) }
            try runUntilIdle()
        }
        kernel.with { $0.now = end }
    }

    /// When something is due next.
    package var nextTime: Instant? {
        let times = participants.map(\.nextDeadline) + [kernel.with { $0.events.nextTime }]
        return times.compactMap { $0 }.min()
    }

    /// Forgets whoever lives on it, and so ends the circles between them and it.
    package func dismantle() {
        participants = []
        players = [:]
        kernel.with { $0.forgetEverybody() }
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

    /// Mounts a hierarchy of control groups, which offers these controllers.
    package func mountControlGroups(_ controllers: [String]) {
        kernel.with { $0.mountControlGroups(controllers) }
    }

    /// From now on no group comes to be frozen: its processes wait in the kernel.
    package func forbidFreezing() {
        kernel.with { $0.freezes = false }
    }

    /// From now on groups cannot be told to thaw, for that reason; or can again.
    package func forbidThawing(_ error: Errno?) {
        kernel.with { $0.thawError = error }
    }

    /// Installs a program whose processes are more than a script.
    package func installParticipant(
        _ path: String, _ player: @escaping (SimulatedProcess) -> any Participant
    ) {
        players[path] = player
        install(path) { process in process.kernel.with { $0.newborn.append(process) } }
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

    /// How many descriptors the program has open.
    package var openDescriptorCount: Int { kernel.with { $0.descriptors.count } }
}
