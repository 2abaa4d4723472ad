import Reactor
import Transport

/// The two CAs of a test, and certificates of every kind, good and bad.
struct TestAuthorities {
    let serverCA: CertificateAuthority
    let clientCA: CertificateAuthority
    let now = LinuxKernel().wallClockNow

    init() throws {
        serverCA = try .create(commonName: "servers", days: 10, now: now)
        clientCA = try .create(commonName: "clients", days: 10, now: now)
    }

    /// A certificate for `localhost`, for a name that is looked up without any file or network, and
    /// for both loopback addresses.
    func server() throws -> Credential {
        try serverCA.issueServer(
            hosts: ["localhost", "0x7f000001", "127.0.0.1", "::1"], days: 1, now: now)
    }

    func client(_ name: String = "tenant-a", role: String? = nil) throws -> Credential {
        try clientCA.issueClient(commonName: name, role: role, days: 1, now: now)
    }

    /// Whatever a test needs: the days count from now and may be negative.
    func odd(
        _ usage: CertificateProfile.Usage, from firstDay: Int64 = -1, to lastDay: Int64 = 1,
        subject: [CertificateProfile.SubjectEntry] = [.commonName(Array("odd".utf8))],
        hosts: [CertificateHost] = [.name("localhost")], signedBy authority: CertificateAuthority
    ) throws -> Credential {
        let day: Int64 = 86_400_000_000_000
        return try authority.issue(
            CertificateProfile(
                subject: subject, hosts: usage == .server ? hosts : [], usage: usage,
                notBefore: Timestamp(nanoseconds: now.nanoseconds + firstDay * day),
                notAfter: Timestamp(nanoseconds: now.nanoseconds + lastDay * day)))
    }

    func serverContext(
        _ credential: Credential? = nil, trusting authority: CertificateAuthority? = nil,
        cipherSuites: String? = nil
    ) throws -> TLSContext {
        let authorities = [(authority ?? clientCA).certificate]
        let credential = try credential ?? server()
        guard let cipherSuites else {
            return try .server(credential: credential, authorities: authorities)
        }
        return try .server(
            credential: credential, authorities: authorities, cipherSuites: cipherSuites)
    }

    func clientContext(
        _ credential: Credential?, trusting authority: CertificateAuthority? = nil,
        cipherSuites: String? = nil
    ) throws -> TLSContext {
        let authorities = [(authority ?? serverCA).certificate]
        guard let cipherSuites else {
            return try .client(credential: credential, authorities: authorities)
        }
        return try .client(
            credential: credential, authorities: authorities, cipherSuites: cipherSuites)
    }

    /// A pair whose ends both have what they should have.
    func goodPair(limits: TransportLimits = TransportLimits()) throws -> TLSPair {
        try TLSPair(
            server: serverContext(), client: clientContext(client()), limits: limits)
    }
}
