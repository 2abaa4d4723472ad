package import Reactor
import Synchronization

/// The kernel of a simulated machine.
///
/// It can be asked from anywhere, as the real one: a lock is around the machine, and is never held
/// while anybody else's code runs.
package final class SimulatedKernel: Kernel {
    private let state: Mutex<MachineState>

    init(seed: UInt64, faults: FaultPlan) {
        state = Mutex(MachineState(seed: seed, faults: faults))
    }

    /// Looks at the machine or changes it.
    func with<Result: Sendable, Failure: Error>(
        _ body: (inout MachineState) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.withLock { (state) throws(Failure) in try body(&state) }
    }

    func owned(_ raw: Int32) -> OwnedDescriptor {
        OwnedDescriptor(raw, of: self)
    }

    // MARK: Time and chance

    package var monotonicNow: Instant { with { $0.now } }

    package var wallClockNow: Timestamp {
        with { Timestamp(nanoseconds: $0.epoch + Int64($0.now.nanoseconds)) }
    }

    package func fillRandom(_ count: Int) -> [UInt8] {
        with { state in (0..<count).map { _ in UInt8.random(in: 0...255, using: &state.random) } }
    }

    // MARK: Descriptors

    package func close(_ raw: Int32) {
        with { $0.close(raw) }
    }

    package func makePipe() throws(Errno) -> PipeEnds {
        let ends = try with { (state) throws(Errno) in try state.makePipe() }
        return PipeEnds(read: owned(ends.read), write: owned(ends.write))
    }

    package func makeSocketPair() throws(Errno) -> SocketPair {
        let ends = try with { (state) throws(Errno) in try state.makeSocketPair() }
        return SocketPair(first: owned(ends.first), second: owned(ends.second))
    }

    // MARK: Sockets

    package func listen(on address: SocketAddress, backlog: Int32) throws(Errno)
        -> OwnedDescriptor
    {
        owned(
            try with { (state) throws(Errno) in
                try state.listen(on: address, backlog: backlog)
            })
    }

    package func localAddress(of raw: Int32) throws(Errno) -> SocketAddress {
        try with { (state) throws(Errno) in try state.localAddress(of: raw) }
    }

    package func remoteAddress(of raw: Int32) throws(Errno) -> SocketAddress {
        try with { (state) throws(Errno) in try state.remoteAddress(of: raw) }
    }

    package func makeStreamSocket(for address: SocketAddress) throws(Errno) -> OwnedDescriptor {
        owned(try with { (state) throws(Errno) in try state.open(.socket) })
    }

    // There are no segments and no queue beneath the socket to tune.
    package func setNoDelay(_ raw: Int32) throws(Errno) {}
    package func setNotSentLowWater(_ raw: Int32, bytes: Int32) throws(Errno) {}

    package func shutdownWrite(_ raw: Int32) throws(Errno) {
        try with { (state) throws(Errno) in try state.shutdownWrite(raw) }
    }
}
