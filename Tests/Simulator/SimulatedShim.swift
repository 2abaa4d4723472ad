package import Reactor
import ShimCore

/// The real shim in a simulated process, one turn at a time.
package final class SimulatedShim: Participant {
    private let system: SimulatedShimSystem
    private var shim: Shim?
    private var hasBegun = false
    /// Whether it was killed, or has ended.
    package private(set) var isOver = false

    /// Plays a process that was just spawned.
    package init(_ process: SimulatedProcess, on machine: SimulatedMachine) {
        system = SimulatedShimSystem(process)
        system.onCall = { [unowned machine, unowned self] in machine.interrupt(self) }
    }

    /// Lets it look once at what there is to do, and do it.
    package func turn() -> Bool {
        guard !isOver else { return false }
        guard hasBegun else {
            hasBegun = true
            shim = Shim.start(system)
            endIfOver()
            return true
        }
        if !system.kernel.hasEnded { shim?.turn() }
        endIfOver()
        return isOver || system.hasNews
    }

    /// When it gives up waiting.
    package var nextDeadline: Instant? { isOver ? nil : system.deadline }

    private func endIfOver() {
        isOver = system.kernel.hasEnded
        guard !isOver, let exit = shim.map(\.exitCode) ?? .neverStarted else { return }
        isOver = true
        system.kernel.with { state in
            state.end(state.current, .exited(code: exit.rawValue))
        }
    }
}
