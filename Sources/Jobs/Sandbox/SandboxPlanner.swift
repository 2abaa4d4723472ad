import Reactor
import ShimProtocol

/// Decides how a job is shut off from the host.
struct SandboxPlanner: Sendable {
    /// What a job may write outside its output; it is memory of the host's.
    let scratchBytes: UInt64
    /// The supervisor's own user and group, of which one has no range to give.
    let ownUserID: UInt32
    let ownGroupID: UInt32
    let filter: SystemCallFilter

    /// What root of a sandbox may do in it, capabilities(7): to own files and to become another user
    /// of its own, which programs that install programs need, and to serve on any port.
    ///
    /// No other is ever held: not over the network, mounts, devices, other processes or the machine.
    static let capabilities: UInt64 = [
        0,  // CAP_CHOWN
        1,  // CAP_DAC_OVERRIDE
        3,  // CAP_FOWNER
        4,  // CAP_FSETID
        5,  // CAP_KILL
        6,  // CAP_SETGID
        7,  // CAP_SETUID
        10,  // CAP_NET_BIND_SERVICE
    ].reduce(0) { $0 | 1 << UInt64($1) }

    /// The limit on core dumps is 1: for 0 the kernel writes none either, but where core_pattern
    /// names a program it still hands that one, as root of the host, the memory of the job; core(5).
    private static let noCoreDump = SandboxPlan.ResourceLimit(resource: 4, soft: 1, hard: 1)

    /// Makes the plan for a job.
    ///
    /// - Parameters:
    ///   - specification: What was asked for.
    ///   - id: Which job.
    ///   - subIDBase: The first of its tenant's users; nil if there are no ranges here.
    ///   - imageBase: The directory of its image, if it has one.
    ///   - privateNetwork: Its private network, if it has one.
    /// - Returns: Nil for a job that is not to be shut off.
    func plan(
        for specification: JobSpecification, id: JobID, subIDBase: UInt32?, imageBase: String?,
        privateNetwork: SandboxPlan.PrivateNetwork? = nil
    ) -> SandboxPlan? {
        guard specification.isolation != .host else { return nil }
        precondition((specification.isolation == .image) == (imageBase != nil), "no image to show")
        return SandboxPlan(
            userIDs: range(subIDBase, ownUserID), groupIDs: range(subIDBase, ownGroupID),
            root: imageBase.map { .image(base: $0) } ?? .hostView,
            network: network(of: specification, privateNetwork),
            hostName: "\(id)", scratchBytes: scratchBytes, capabilities: Self.capabilities,
            systemCallFilters: filter.programs, resourceLimits: [Self.noCoreDump])
    }

    private func network(
        of specification: JobSpecification, _ privateNetwork: SandboxPlan.PrivateNetwork?
    ) -> SandboxPlan.Network {
        switch specification.network {
        case .none?, nil: return .none
        case .host?: return .host
        case .private?:
            guard let privateNetwork else { preconditionFailure("a job without its network") }
            return .private(privateNetwork)
        }
    }

    private func range(_ base: UInt32?, _ own: UInt32) -> SandboxPlan.IdentityRange {
        guard let base else { return SandboxPlan.IdentityRange(first: own, count: 1) }
        return SandboxPlan.IdentityRange(first: base, count: SubIDLeases.rangeSize)
    }
}
