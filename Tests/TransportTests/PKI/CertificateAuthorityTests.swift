import Reactor
import Testing
import Transport

/// What is issued says what it should, and nonsense is not issued.
struct CertificateAuthorityTests {
    private let authority: CertificateAuthority
    private let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    init() throws {
        authority = try CertificateAuthority.create(commonName: "the CA", days: 365, now: now)
    }

    private func seconds(_ timestamp: Timestamp) -> Int64 {
        (timestamp.nanoseconds - now.nanoseconds) / 1_000_000_000
    }

    @Test func `a CA signs itself and nothing but ends`() {
        let described = CertificateDescription(authority.certificate)
        #expect(described.isAuthority)
        #expect(!described.isForServers)
        #expect(!described.isForClients)
        #expect(described.commonNames == ["the CA"])
        #expect(described.issuerCommonNames == ["the CA"])
        #expect(described.key == "P-256")
        #expect(described.hosts.isEmpty)
    }

    @Test func `a server's certificate names its hosts`() throws {
        let hosts = ["localhost", "*.example.org", "127.0.0.1", "2001:db8::1"]
        let issued = try authority.issueServer(hosts: hosts, days: 30, now: now)
        let described = CertificateDescription(issued.certificate)
        #expect(described.isForServers)
        #expect(!described.isForClients)
        #expect(!described.isAuthority)
        #expect(described.hosts == hosts.compactMap { CertificateHost($0) })
        #expect(described.commonNames == ["localhost"])
        #expect(described.issuerCommonNames == ["the CA"])
    }

    @Test func `a client's certificate names tenant and role`() throws {
        let issued = try authority.issueClient(
            commonName: "tenant-ä", role: "admin", days: 30, now: now)
        let described = CertificateDescription(issued.certificate)
        #expect(described.isForClients)
        #expect(!described.isForServers)
        #expect(described.commonNames == ["tenant-ä"])
        #expect(described.organizations == ["admin"])
    }

    @Test func `it is valid from a little before until the day asked for`() throws {
        let issued = try authority.issueClient(commonName: "a", days: 30, now: now)
        #expect(seconds(issued.certificate.notBefore) == -300)
        #expect(seconds(issued.certificate.notAfter) == 30 * 86_400)
    }

    @Test func `a lifetime beyond 2049 keeps its date`() throws {
        let issued = try authority.issueClient(commonName: "a", days: 36_500, now: now)
        #expect(seconds(issued.certificate.notAfter) == 36_500 * 86_400)
    }

    @Test func `serial numbers are long and never the same`() throws {
        let serials = try (0..<50).map { _ in
            try authority.issueClient(commonName: "a", days: 1, now: now).certificate.serial
        }
        #expect(Set(serials).count == 50)
        #expect(serials.contains { $0.count == 32 })
        #expect(serials.allSatisfy { $0.count > 20 && $0 == $0.lowercased() })
    }

    @Test(arguments: [
        (KeyKind.p256, "P-256"), (.p384, "P-384"), (.ed25519, "Ed25519"),
        (.rsa(bits: 2048), "RSA 2048"),
    ])
    func `every kind of key can sign and be signed`(kind: KeyKind, name: String) throws {
        let authority = try CertificateAuthority.create(
            commonName: "CA", key: kind, days: 1, now: now)
        let issued = try authority.issueClient(commonName: "a", key: kind, days: 1, now: now)
        #expect(CertificateDescription(authority.certificate).key == name)
        #expect(CertificateDescription(issued.certificate).key == name)
    }

    @Test(arguments: ["", String(repeating: "x", count: 65), "a\u{0}b", "a\nb", "a\u{7f}"])
    func `an unsuitable name is refused`(name: String) {
        #expect(throws: PKIError.unsuitableName(name)) {
            try authority.issueClient(commonName: name, days: 1, now: now)
        }
        #expect(throws: PKIError.unsuitableName(name)) {
            try authority.issueClient(commonName: "a", role: name, days: 1, now: now)
        }
        #expect(throws: PKIError.unsuitableName(name)) {
            try CertificateAuthority.create(commonName: name, days: 1, now: now)
        }
    }

    @Test(arguments: ["", "a b", "-a", "a..b", "a,DNS:b", "*", "1.2.3.4.5:6", "a/b", "127.0.0.256"])
    func `an unsuitable host is refused`(host: String) {
        #expect(throws: PKIError.unsuitableHost(host)) {
            try authority.issueServer(hosts: ["localhost", host], days: 1, now: now)
        }
    }

    @Test func `a server needs a host`() {
        #expect(throws: PKIError.noHosts) {
            try authority.issueServer(hosts: [], days: 1, now: now)
        }
    }

    @Test(arguments: [0, -1, 36_501])
    func `an unsuitable lifetime is refused`(days: Int) {
        #expect(throws: PKIError.unsuitableLifetime(days: days)) {
            try authority.issueClient(commonName: "a", days: days, now: now)
        }
    }

    @Test(arguments: [1024, 2047, 16_384])
    func `an unsuitable RSA key is refused`(bits: Int) {
        #expect(throws: PKIError.unsuitableKeySize(bits)) {
            try authority.issueClient(commonName: "a", key: .rsa(bits: bits), days: 1, now: now)
        }
    }

    @Test func `names that must be refused can be made for tests`() throws {
        let name = { (text: String) in
            CertificateProfile.SubjectEntry.commonName(Array(text.utf8))
        }
        for subject in [[], [name("a"), name("b")], [name("")], [name("a\u{0}\u{1b}[31m")]] {
            let issued = try authority.issue(
                CertificateProfile(
                    subject: subject, usage: .client, notBefore: now, notAfter: now))
            let expected = subject.map { entry in
                guard case .commonName(let bytes) = entry else { return [UInt8]() }
                return bytes
            }
            #expect(issued.certificate.commonNames == expected)
        }
    }

    @Test(arguments: [
        ("p256", KeyKind.p256), ("P-384", .p384), ("ed25519", .ed25519),
        ("rsa", .rsa(bits: 2048)), ("rsa-4096", .rsa(bits: 4096)), ("rsa-1024", nil), ("dsa", nil),
        ("rsa-", nil),
    ])
    func `kinds of keys have names`(text: String, kind: KeyKind?) {
        #expect(KeyKind(text) == kind)
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("example.org", "example.org"),
        ("2001:DB8:0::ff", "2001:db8::ff"),
    ])
    func `a host is told as people write it`(text: String, told: String) {
        #expect(CertificateHost(text)?.description == told)
    }
}
