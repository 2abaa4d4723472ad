import ShimProtocol

extension SandboxPlan {
    /// The host's programs, no network, users that are nobody else's.
    static let specimen = SandboxPlan(
        userIDs: IdentityRange(first: 1_879_048_192, count: 65_536),
        groupIDs: IdentityRange(first: 1_879_048_192, count: 65_536),
        root: .hostView, network: .none, hostName: "job", scratchBytes: 16 << 20,
        capabilities: 0, systemCallFilters: [], resourceLimits: [])

    /// One that has everything a plan can carry.
    static let full = SandboxPlan(
        userIDs: IdentityRange(first: 1000, count: 1),
        groupIDs: IdentityRange(first: 100_000, count: 65_536),
        root: .image(base: "/images/tools"), network: .host, hostName: "job",
        scratchBytes: 1 << 33, capabilities: 1 << 40 | 1,
        systemCallFilters: [Array(0..<8), Array(8..<24)],
        resourceLimits: [
            ResourceLimit(resource: 4, soft: 0, hard: 0),
            ResourceLimit(resource: 7, soft: 1024, hard: .max),
        ])
}

extension SandboxPlan.PrivateNetwork {
    /// Addresses that are for documentation, RFC 5737.
    static let specimen = SandboxPlan.PrivateNetwork(
        interface: "cmdctl123456789", address: 0xC000_0202, gateway: 0xC000_0201,
        resolver: "nameserver 192.0.2.53\n")
}

extension ShimPlan {
    /// The same in a sandbox.
    func inside(_ sandbox: SandboxPlan) -> ShimPlan {
        var plan = self
        plan.makePIDNamespace = true
        plan.sandbox = sandbox
        return plan
    }
}
