import CLinux
import Glibc
package import ShimProtocol

/// What the first process of a sandbox gives up, for itself and all who come after it.
///
/// Pure: the list is what counts, and `perform` only carries it out.
package enum Confinement: Equatable, Sendable {
    /// What was put into the daemon's session keyring stays there; keyrings(7).
    case leaveKeyring
    /// Addresses are drawn at random, whatever the daemon was started with; personality(2).
    case resetPersonality
    /// Not even a program that root executes can have other capabilities; capabilities(7).
    case boundCapabilities(to: UInt64)
    /// None is handed to programs of other users.
    case clearAmbientCapabilities
    /// ... and none can be again; SECBIT_NO_CAP_AMBIENT_RAISE, and its lock.
    case lockAmbientCapabilities
    /// Neither permitted nor effective are others, and none is inheritable.
    case keepCapabilities(UInt64)
    /// No program gives more than its caller has; PR_SET_NO_NEW_PRIVS.
    case gainNothing

    /// In this order: limiting capabilities takes one.
    package static func steps(for plan: SandboxPlan) -> [Confinement] {
        [
            .leaveKeyring, .resetPersonality,
            .boundCapabilities(to: plan.capabilities), .clearAmbientCapabilities,
            .lockAmbientCapabilities, .keepCapabilities(plan.capabilities), .gainNothing,
        ]
    }

    func perform() throws(StartFailure) {
        try at(.credentials, "\(self)", call)
    }

    private func call() -> Int32 {
        switch self {
        case .leaveKeyring: clinux_join_new_keyring()
        case .resetPersonality: personality(0)
        case .boundCapabilities(let capabilities): bound(to: capabilities)
        case .clearAmbientCapabilities:
            clinux_process_control(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL))
        case .lockAmbientCapabilities:
            clinux_process_control(PR_SET_SECUREBITS, Self.noAmbientCapabilities)
        case .keepCapabilities(let capabilities): clinux_set_capabilities(capabilities)
        case .gainNothing: clinux_process_control(PR_SET_NO_NEW_PRIVS, 1)
        }
    }

    /// The bit and, beside it, its lock.
    private static let noAmbientCapabilities: UInt = 1 << 6 | 1 << 7

    /// The kernel's highest one is not known; it refuses the next (EINVAL).
    private func bound(to capabilities: UInt64) -> Int32 {
        for number in UInt(0)..<64 where capabilities & 1 << number == 0 {
            let isKnown = clinux_process_control(PR_CAPBSET_READ, number) >= 0
            if isKnown, clinux_process_control(PR_CAPBSET_DROP, number) != 0 { return -1 }
        }
        return 0
    }
}
