import Jobs
import Yams

/// What a policy says of some callers; what is nil it leaves to the defaults.
struct PolicyRule {
    /// What the one is told who is refused.
    var name: String?
    /// Whom it is about; nil for everybody.
    var tenants: [Pattern]?
    var roles: [Role]?
    var grants = PolicyGrants()

    /// Whether it is about a tenant in a role.
    func matches(_ tenant: Tenant, _ role: Role) -> Bool {
        (tenants?.contains { $0.matches(tenant.nameBytes) } ?? true)
            && (roles?.contains(role) ?? true)
    }
}

/// What a rule, or the end of a policy, grants.
struct PolicyGrants {
    var commands: [Pattern]?
    var shell: Bool?
    var images: [Pattern]?
    var isolations: [JobSpecification.Isolation]?
    var networks: [JobSpecification.Network]?
    /// Of those that the certificate lists.
    var users: [Pattern]?
    var timeoutDefault: Duration?
    var timeoutMax: Duration?
    var limits: ResourceLimits?
    /// How much of a job's output is kept at most, in bytes.
    var logMax: UInt64?
    var quota = StartQuota()

    /// These, and where they say nothing what others say.
    func filled(from other: PolicyGrants) -> PolicyGrants {
        PolicyGrants(
            commands: commands ?? other.commands, shell: shell ?? other.shell,
            images: images ?? other.images, isolations: isolations ?? other.isolations,
            networks: networks ?? other.networks, users: users ?? other.users,
            timeoutDefault: timeoutDefault ?? other.timeoutDefault,
            timeoutMax: timeoutMax ?? other.timeoutMax, limits: limits ?? other.limits,
            logMax: logMax ?? other.logMax, quota: quota.filled(from: other.quota))
    }
}

extension StartQuota {
    /// This one, and where it says nothing what another says.
    func filled(from other: StartQuota) -> StartQuota {
        StartQuota(
            running: running ?? other.running, queued: queued ?? other.queued,
            memory: memory ?? other.memory, cpuMillis: cpuMillis ?? other.cpuMillis,
            rate: rate ?? other.rate)
    }
}
