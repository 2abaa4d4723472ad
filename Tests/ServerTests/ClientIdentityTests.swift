import Jobs
import Reactor
import Testing
import Transport

@testable import Server

/// From a verified certificate to a tenant and a role, or to why not.
@Suite struct ClientIdentityTests {
    static func certificate(
        _ names: [[UInt8]], organizations: [String] = [], units: [String] = [],
        issuer: [UInt8] = [1]
    ) -> PeerCertificate {
        PeerCertificate(
            commonNames: names, organizations: organizations.map { Array($0.utf8) },
            organizationalUnits: units.map { Array($0.utf8) }, serial: "01",
            issuerPublicKeySHA256: issuer, notAfter: Timestamp(nanoseconds: 0), der: [])
    }

    @Test(arguments: [
        "tenant-a", "somebody@example.org", "Ærøskøbing", "a b", "a/b", "名前", "\u{202E}nimda",
    ])
    func `a name is the tenant, byte for byte`(name: String) throws {
        let identity = try ClientIdentity(Self.certificate([Array(name.utf8)]))
        #expect(identity.tenant == Tenant(name: name, issuerKeyHash: [1]))
        #expect(identity.tenant.nameBytes == Array(name.utf8))
    }

    static let refused: [(names: [[UInt8]], refusal: IdentityRefusal)] = [
        ([], .noCommonName),
        ([[]], .emptyCommonName),
        ([Array("a".utf8), Array("a".utf8)], .repeatedCommonName),
        ([Array("a".utf8), []], .repeatedCommonName),
        ([[0x61, 0]], .controlCharacter),
        ([Array("a\nb".utf8)], .controlCharacter),
        ([[0x7F]], .controlCharacter),
        ([Array("a\u{85}".utf8)], .controlCharacter),
        ([[0xFF]], .notUTF8),
        ([[0xC0, 0x80]], .notUTF8),
        ([[0xED, 0xA0, 0x80]], .notUTF8),
    ]

    @Test(arguments: refused)
    func `a name that could be read in two ways is refused`(
        names: [[UInt8]], refusal: IdentityRefusal
    ) {
        #expect(throws: refusal) { try ClientIdentity(Self.certificate(names)) }
    }

    static let roles: [(organizations: [String], role: Role)] = [
        ([], .user), (["user"], .user), (["client"], .user), (["Example Ltd"], .user),
        ([""], .user),
        (["admin"], .admin), (["admin", "user"], .admin), (["user", "admin"], .user),
        (["Admin"], .user), (["admin "], .user), (["administrator"], .user), (["admin\0"], .user),
    ]

    @Test(arguments: roles)
    func `only a first organization of exactly admin makes an admin`(
        organizations: [String], role: Role
    ) throws {
        let certificate = Self.certificate([[0x61]], organizations: organizations)
        let identity = try ClientIdentity(certificate)
        #expect(identity.role == role)
        #expect(identity.viewer == Viewer(tenant: identity.tenant, isAdmin: role == .admin))
    }

    @Test func `one name from two authorities is two tenants`() throws {
        let first = try ClientIdentity(Self.certificate([[0x61]], issuer: [1]))
        let second = try ClientIdentity(Self.certificate([[0x61]], issuer: [2]))
        #expect(first.tenant != second.tenant)
        #expect(!first.viewer.maySee(jobsOf: second.tenant))
    }

    @Test func `spellings that Unicode calls equal are two tenants`() throws {
        let composed = try ClientIdentity(Self.certificate([Array("\u{E9}".utf8)]))
        let decomposed = try ClientIdentity(Self.certificate([Array("e\u{301}".utf8)]))
        #expect(composed.tenant.name == decomposed.tenant.name)
        #expect(composed.tenant != decomposed.tenant)
    }

    @Test func `an admin may do what asks for an admin, and a user may not`() throws {
        let user = try ClientIdentity(Self.certificate([[0x61]]))
        let admin = try ClientIdentity(Self.certificate([[0x61]], organizations: ["admin"]))
        for requirement in [AccessPolicy.Requirement.anyTenant, .admin] {
            #expect(throws: Never.self) { try AccessPolicy.check(admin, against: requirement) }
        }
        #expect(throws: Never.self) { try AccessPolicy.check(user, against: .anyTenant) }
        let error = try #require(throws: CallError.self) {
            try AccessPolicy.check(user, against: .admin)
        }
        #expect(ErrorAnswer(error).reason == "ADMIN_REQUIRED")
    }
}
