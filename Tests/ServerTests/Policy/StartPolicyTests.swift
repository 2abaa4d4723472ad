import Jobs
import Testing

@testable import Server

/// Whom which rule is for, and what that grants.
@Suite struct StartPolicyTests {
    private static func identity(
        _ name: String, admin: Bool = false, principals: [String] = []
    ) throws -> ClientIdentity {
        try ClientIdentity(
            ClientIdentityTests.certificate(
                [Array(name.utf8)], organizations: admin ? ["admin"] : [], units: principals))
    }

    private static func policy(
        _ text: String, terms: StartTerms = StartTerms(), quota: StartQuota = StartQuota(),
        isolations: [JobSpecification.Isolation] = [.strict, .image, .host],
        byDefault: JobSpecification.Isolation = .strict
    ) throws -> StartPolicy {
        let policy = StartPolicy(terms, quota: quota)
        policy.offer(isolations, byDefault: byDefault)
        policy.file = try PolicyFile(parsing: text, file: "p.yaml")
        return policy
    }

    @Test func `without a file the host is for admins, unless there is nothing else`() throws {
        let alice = try Self.identity("alice", principals: ["www"])
        let admin = try Self.identity("root", admin: true, principals: ["www"])
        let policy = try Self.policy("")
        #expect(policy.terms(for: alice).permissions.isolations == [.strict, .image])
        #expect(
            policy.terms(for: alice).permissions.networks == [
                JobSpecification.Network.none, .private,
            ])
        #expect(policy.terms(for: alice).permissions.users == [])
        #expect(policy.terms(for: admin).permissions.isolations == [.strict, .image, .host])
        #expect(policy.terms(for: admin).permissions.networks.contains(.host))
        #expect(policy.terms(for: admin).permissions.users == ["www"])
        let bare = try Self.policy("", isolations: [.host])
        #expect(bare.terms(for: alice).permissions.isolations == [.host])
        let rootless = try Self.policy("", byDefault: .host)
        #expect(rootless.terms(for: alice).permissions.isolations.contains(.host))
    }

    @Test func `the first rule that matches counts, and the defaults fill it up`() throws {
        let policy = try Self.policy(PolicyFileTests.example)
        let builder = policy.terms(for: try Self.identity("ci-7"))
        #expect(builder.permissions.rule == "builders")
        #expect(builder.timeoutMax == .seconds(3600))
        let admin = policy.terms(for: try Self.identity("alice", admin: true))
        #expect(admin.permissions.rule == "operators")
        #expect(admin.timeoutMax == .seconds(7200))
        #expect(admin.permissions.commands == nil)
        let other = policy.terms(for: try Self.identity("bob"))
        #expect(other.permissions.rule == nil)
        #expect(other.timeoutMax == .seconds(7200))
    }

    @Test func `quotas are the rule's, the defaults', the configuration's`() throws {
        let policy = try Self.policy(
            PolicyFileTests.example, quota: StartQuota(running: 9, queued: 7))
        let alice = Viewer(tenant: Tenant(name: "alice"), isAdmin: false)
        #expect(policy.quota(of: alice).running == 4)
        #expect(policy.quota(of: alice).queued == 50)
        let bob = Viewer(tenant: Tenant(name: "bob"), isAdmin: false)
        #expect(policy.quota(of: bob).running == 2)
        #expect(policy.quota(of: bob).queued == 7)
    }

    @Test func `a policy cannot grant more time than the configuration`() throws {
        let policy = try Self.policy(
            "defaults: {timeout_max: 2h}", terms: StartTerms(timeoutMax: .seconds(60)))
        #expect(policy.terms(for: try Self.identity("bob")).timeoutMax == .seconds(60))
    }

    @Test func `a policy bounds what is kept of output, and grants no more than the rest`() throws {
        let terms = StartTerms(logLimit: LogLimit(maxBytes: 1 << 30, whenFull: .dropNewest))
        let text = "rules: [{tenants: [alice], log_max: 1M}, {tenants: [bob], log_max: 2G}]"
        let policy = try Self.policy(text, terms: terms)
        let alice = policy.terms(for: try Self.identity("alice"))
        #expect(alice.logLimit == LogLimit(maxBytes: 1 << 20, whenFull: .dropNewest))
        #expect(policy.terms(for: try Self.identity("bob")).logLimit.maxBytes == 1 << 30)
        #expect(policy.terms(for: try Self.identity("carol")).logLimit == terms.logLimit)
    }

    @Test func `a user of the host must be listed by the policy and by the certificate`() throws {
        let policy = try Self.policy("defaults: {users: [www, \"build-*\"]}")
        let alice = try Self.identity("alice", principals: ["build-1", "root"])
        #expect(policy.terms(for: alice).permissions.users == ["build-1"])
    }
}
