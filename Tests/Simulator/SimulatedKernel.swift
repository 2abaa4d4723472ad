package import Reactor
import Synchronization

/// The kernel of a simulated machine, as one of its processes sees it.
///
/// It can be asked from anywhere, as the real one: a lock is around the machine, and is never held
/// while anybody else's code runs. What a dead process still asks for does not happen: whoever is
/// killed in the middle of a function cannot return from it before its end.
package final class SimulatedKernel: Kernel {
    /// Whose calls these are.
    package let pid: Int32
    private let machine: SharedMachine

    init(seed: UInt64, faults: FaultPlan) {
        machine = SharedMachine(MachineState(seed: seed, faults: faults))
        pid = MachineState.firstProcess
    }

    /// The kernel of the same machine, as a process sees it that is born now.
    init(beside other: SimulatedKernel, named name: String) {
        machine = other.machine
        pid = machine.state.withLock { state in
            let spawn = ProcessSpawn(path: name, arguments: [name])
            return state.makeProcess(spawn, parent: MachineState.initProcess)
        }
    }

    /// The kernel as a process sees it that was spawned.
    init(of process: SimulatedProcess) {
        machine = process.kernel.machine
        pid = process.pid
    }

    /// Whether the process whose calls these are is dead.
    var hasEnded: Bool { with { $0.hasEnded(pid) } }

    /// Looks at the machine or changes it.
    func with<Result: Sendable, Failure: Error>(
        _ body: (inout MachineState) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try machine.state.withLock { (state) throws(Failure) in
            state.current = pid
            return try body(&state)
        }
    }

    /// Carries out a system call.
    func call<Result: Sendable>(
        _ body: (inout MachineState) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        try with { (state) throws(Errno) in
            guard state.lives(pid) else { throw .noProcess }
            return try body(&state)
        }
    }

    /// Its memory is a part of the real machine's, and no two runs may differ by that.
    package func releaseFreeMemory() {}

    /// A simulated machine has no network but its loopback.
    package func exchangeNetlink(family: Int32, _ request: [UInt8]) throws(Errno) -> [UInt8] {
        throw .notSupported
    }

    func owned(_ raw: Int32) -> OwnedDescriptor {
        OwnedDescriptor(raw, of: self)
    }

    // MARK: Time and chance

    package var monotonicNow: Instant { with { $0.now } }

    package var processorTime: Duration { with { $0.takeProcessorTime() } }

    package var wallClockNow: Timestamp { with { $0.wallClockNow } }

    package func fillRandom(_ count: Int) -> [UInt8] {
        with { state in
            guard !state.hasEnded(pid) else { return [UInt8](repeating: 0, count: count) }
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &state.random) }
        }
    }

    // MARK: Descriptors

    package func close(_ raw: Int32) {
        // Those of the dead are closed already.
        with { if !$0.hasEnded(pid) { $0.close(raw) } }
    }

    package func makePipe() throws(Errno) -> PipeEnds {
        let ends = try call { (state) throws(Errno) in try state.makePipe() }
        return PipeEnds(read: owned(ends.read), write: owned(ends.write))
    }

    package func makeSocketPair() throws(Errno) -> SocketPair {
        let ends = try call { (state) throws(Errno) in try state.makeSocketPair() }
        return SocketPair(first: owned(ends.first), second: owned(ends.second))
    }

    // MARK: Sockets

    package func listen(on address: SocketAddress, backlog: Int32) throws(Errno)
        -> OwnedDescriptor
    {
        owned(
            try call { (state) throws(Errno) in
                try state.listen(on: address, backlog: backlog)
            })
    }

    package func localAddress(of raw: Int32) throws(Errno) -> SocketAddress {
        try call { (state) throws(Errno) in try state.localAddress(of: raw) }
    }

    package func remoteAddress(of raw: Int32) throws(Errno) -> SocketAddress {
        try call { (state) throws(Errno) in try state.remoteAddress(of: raw) }
    }

    package func makeStreamSocket(for address: SocketAddress) throws(Errno) -> OwnedDescriptor {
        owned(try call { (state) throws(Errno) in try state.open(.socket) })
    }

    // There are no segments and no queue beneath the socket to tune.
    package func setNoDelay(_ raw: Int32) throws(Errno) {}
    package func setNotSentLowWater(_ raw: Int32, bytes: Int32) throws(Errno) {}
    package func unsentByteCount(of raw: Int32) -> Int { 0 }

    package func shutdownWrite(_ raw: Int32) throws(Errno) {
        try call { (state) throws(Errno) in try state.shutdownWrite(raw) }
    }
}

/// What all kernels of one machine share.
private final class SharedMachine: Sendable {
    let state: Mutex<MachineState>

    init(_ state: consuming MachineState) {
        self.state = Mutex(state)
    }
}
