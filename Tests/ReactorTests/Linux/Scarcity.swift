import Reactor
import Simulator
import TestSupport

/// Accepting while there are no descriptors left.
enum Scarcity {
    static func happen(_ machine: Machine, limit: (Int) -> Void) throws {
        let kernel = machine.kernel
        let listener = try kernel.listen(on: .loopback(port: 0), backlog: 8)
        let address = try kernel.localAddress(of: listener.raw)
        let client = try kernel.makeStreamSocket(for: address)
        try machine.complete(.connect(client.raw, address))

        limit(openCount(machine))
        let refused = try machine.outcome(of: .accept(listener: listener.raw))
        precondition(refused == .failure(.tooManyFiles))
        limit(1024)
        let accepted = try machine.outcome(of: .accept(listener: listener.raw))
        guard case .success(let raw) = accepted else { preconditionFailure("still refused") }
        kernel.close(Int32(raw))
    }

    /// The limit at which the next descriptor is one too many.
    private static func openCount(_ machine: Machine) -> Int {
        machine.simulated?.openDescriptorCount ?? nextFreeDescriptor()
    }
}
