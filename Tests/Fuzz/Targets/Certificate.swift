import COpenSSL
import Jobs
import Reactor

@testable import Server
@testable import Transport

/// A certificate, as TLS hands it over after it was verified, and as a file of PEM.
///
/// Whatever its names hold, a tenant has one common name of printable UTF-8, byte for byte, and
/// nobody becomes an admin who does not say so first.
func fuzzCertificate(_ input: [UInt8]) {
    for certificate in Certificate.all(inPEM: input) { check(certificate) }
    if let certificate = decodeDER(input) { check(certificate) }
    ERR_clear_error()
}

private func check(_ certificate: Certificate) {
    _ = CertificateDescription(certificate)
    let peer = PeerCertificate(certificate, issuer: certificate)
    guard let identity = try? ClientIdentity(peer) else { return }
    precondition(peer.commonNames == [identity.tenant.nameBytes], "a tenant of another name")
    precondition(
        !identity.tenant.name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F },
        "a tenant with a control character")
    let saysAdmin = peer.organizations.first == Array("admin".utf8)
    precondition(identity.role == .user || saysAdmin, "an admin by accident")
}

private func decodeDER(_ bytes: [UInt8]) -> Certificate? {
    bytes.withUnsafeBufferPointer { buffer in
        var cursor = buffer.baseAddress
        return d2i_X509(nil, &cursor, buffer.count).map { Certificate(owning: $0) }
    }
}

/// The subjects are all that matters, so one key signs them all.
var certificateSeeds: [[UInt8]] {
    let now = Timestamp(nanoseconds: 1_763_700_000_000_000_000)
    guard let authority = try? CertificateAuthority.create(commonName: "CA", days: 9, now: now)
    else { return [] }
    let clients = [("alice", nil), ("Ærøskøbing", "admin"), ("b", "Example Ltd")].compactMap {
        try? authority.issueClient(commonName: $0.0, role: $0.1, days: 1, now: now)
    }
    let hosts = ["*.example.org", "127.0.0.1", "::1"]
    let server = try? authority.issueServer(hosts: hosts, days: 1, now: now)
    let certificates = (clients + [server].compactMap { $0 }).map(\.certificate)
    return certificates.map(\.der) + [certificates.flatMap(\.pem)]
}
