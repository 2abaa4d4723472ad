import Jobs

/// Who may start what, and what each job is granted.
///
/// What the file of the policy says counts; where it says nothing, what the configuration does; and
/// where that does not either, what is safe on any host.
final class StartPolicy {
    /// What the configuration grants to all.
    private let terms: StartTerms
    private let quota: StartQuota
    /// The isolations that this server offers.
    private var isolations = [JobSpecification.Isolation.host]
    /// The one that a job gets that does not say.
    private var isolationByDefault = JobSpecification.Isolation.host
    /// What the file says at the moment.
    var file = PolicyFile.none

    init(_ terms: StartTerms, quota: StartQuota = StartQuota()) {
        self.terms = terms
        self.quota = quota
    }

    /// Takes in what can be had here.
    func offer(
        _ isolations: [JobSpecification.Isolation], byDefault: JobSpecification.Isolation
    ) {
        self.isolations = isolations
        isolationByDefault = byDefault
    }

    /// What a caller is granted.
    func terms(for identity: ClientIdentity) -> StartTerms {
        let (name, grants) = grants(identity.tenant, identity.role)
        var logLimit = terms.logLimit
        logLimit.bound(to: grants.logMax)
        return StartTerms(
            timeoutDefault: grants.timeoutDefault ?? terms.timeoutDefault,
            timeoutMax: least(grants.timeoutMax, terms.timeoutMax),
            limitCeiling: grants.limits ?? terms.limitCeiling, logLimit: logLimit,
            permissions: permissions(of: grants, for: identity, rule: name))
    }

    /// What a tenant may have in that role.
    func quota(of viewer: Viewer) -> StartQuota {
        grants(viewer.tenant, viewer.isAdmin ? .admin : .user).grants.quota.filled(from: quota)
    }

    /// The first rule that matches, filled up with the defaults.
    private func grants(
        _ tenant: Tenant, _ role: Role
    ) -> (name: String?, grants: PolicyGrants) {
        guard let rule = file.rules.first(where: { $0.matches(tenant, role) }) else {
            return (nil, file.defaults)
        }
        return (rule.name, rule.grants.filled(from: file.defaults))
    }

    private func permissions(
        of grants: PolicyGrants, for identity: ClientIdentity, rule: String?
    ) -> StartPermissions {
        let isAdmin = identity.role == .admin
        let users = identity.principals.filter { principal in
            grants.users.map { $0.contains { $0.matches(principal.utf8) } } ?? isAdmin
        }
        return StartPermissions(
            rule: rule, commands: grants.commands,
            // Whoever may run a few programs only could run any with a shell.
            allowsShell: grants.shell ?? (grants.commands == nil), images: grants.images,
            isolations: grants.isolations ?? (isAdmin ? isolations : isolationsOfUsers),
            networks: grants.networks ?? (isAdmin ? JobSpecification.Network.allCases : apart),
            users: users)
    }

    /// The host itself is for admins, unless it is all there is, or what everybody gets.
    private var isolationsOfUsers: [JobSpecification.Isolation] {
        let apart = isolations.filter { $0 != .host }
        return apart.isEmpty || isolationByDefault == .host ? isolations : apart
    }

    private let apart: [JobSpecification.Network] = [.none, .private]

    /// A file may grant less than the configuration, and not more.
    private func least(_ first: Duration?, _ second: Duration?) -> Duration? {
        [first, second].compactMap { $0 }.min()
    }
}
