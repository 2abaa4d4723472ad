package import Reactor

/// Something on a simulated machine that is turned by hand: a loop, or a shim.
package protocol Participant: AnyObject {
    /// Does what it can at this moment; answers whether there was anything.
    func turn() throws(Errno) -> Bool
    /// When it must be turned even if nothing happens.
    var nextDeadline: Instant? { get }
    /// Whether it will do nothing any more.
    var isOver: Bool { get }
}

/// A program with a loop, in a process of its own or in the machine's first one.
package final class SimulatedLoop: Participant {
    /// Its loop.
    package let reactor: Reactor
    private let backend: SimulatedBackend
    private let kernel: SimulatedKernel
    /// Whether it was killed, or has ended.
    package private(set) var isOver = false

    init(_ kernel: SimulatedKernel) {
        self.kernel = kernel
        backend = SimulatedBackend(kernel: kernel)
        reactor = Reactor(backend: backend, kernel: kernel)
    }

    /// The number of its process.
    package var pid: Int32 { kernel.pid }

    /// Turns the loop once.
    package func turn() throws(Errno) -> Bool {
        guard !isOver else { return false }
        let before = backend.activity
        let isDue = reactor.nextDeadline().map { $0 <= kernel.monotonicNow } ?? false
        if !kernel.hasEnded { try reactor.turn() }
        guard kernel.hasEnded else { return isDue || backend.activity > before }
        // Killed, in this turn or before it: what it had under way is nobody's any more.
        isOver = true
        reactor.dismantle()
        return true
    }

    /// When a timer is due.
    package var nextDeadline: Instant? { isOver ? nil : reactor.nextDeadline() }

    /// Kills it, or lets it exit: its descriptors are closed, and nothing it does has an effect.
    package func end(_ status: WaitStatus = .signaled(number: 9)) {
        kernel.with { state in state.end(state.current, status) }
    }

    /// Kills it in the middle of its `number`-th system call from now on.
    package func endInCall(_ number: Int) {
        kernel.with { state in state.processes[state.current]?.callsLeft = number }
    }

    /// Kills it when it has come to a place for the `times`-th time from now on.
    package func end(at place: String, times: Int) {
        kernel.with { state in
            state.processes[state.current]?.deadlyPlace = (place, times)
        }
    }

    /// To be told of each place it comes to, from any thread.
    package var reached: @Sendable (String) -> Void {
        { [kernel] place in kernel.with { $0.reached(place) } }
    }

    /// Lets it live on, whatever was planned.
    package func spare() {
        kernel.with { state in
            state.processes[state.current]?.callsLeft = nil
            state.processes[state.current]?.deadlyPlace = nil
        }
    }

    /// Notes what it says, as long as it lives.
    package var note: @Sendable (String) -> Void {
        { [kernel] line in
            kernel.with { if !$0.hasEnded($0.current) { $0.note(line) } }
        }
    }

    /// Where it last said to be.
    package var lastPlace: String? {
        kernel.with { state in state.processes[state.current]?.lastPlace }
    }

    /// So many descriptors it may have; RLIMIT_NOFILE.
    package func limitDescriptors(to count: Int?) {
        kernel.with { state in state.processes[state.current]?.descriptorsMax = count }
    }

    /// What it has open, in words, sorted.
    package var openDescriptors: [String] {
        kernel.with { state in
            state.descriptors.inOrder.map { state.describe($0) }.sorted()
        }
    }
}
