package import Reactor

/// A certificate authority: signs certificates for servers or for clients.
///
/// Servers and clients get CAs of their own, so that a client's certificate can never act as a
/// server's, whatever is said about its usage.
package final class CertificateAuthority {
    /// The CA's own certificate.
    package let certificate: Certificate

    private let key: PrivateKey

    private init(certificate: Certificate, key: PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    /// Makes a CA with a new key.
    package static func create(
        commonName: String, key kind: KeyKind = .p256, days: Int, now: Timestamp
    ) throws(PKIError) -> CertificateAuthority {
        let subject = CertificateProfile.SubjectEntry.commonName(try checkedName(commonName))
        let (notBefore, notAfter) = try validity(days: days, now: now)
        let profile = CertificateProfile(
            subject: [subject], usage: .authority, notBefore: notBefore, notAfter: notAfter)
        let key = try PrivateKey.generate(kind)
        let certificate = try CertificateBuilder.build(
            profile, for: key, signedBy: .init(certificate: nil, key: key))
        return CertificateAuthority(certificate: certificate, key: key)
    }

    /// Reads a CA that was written before.
    package static func load(
        certificateFile: String, keyFile: String, kernel: any Kernel
    ) throws(PKIError) -> CertificateAuthority {
        do {
            let certificates = try PEMFile.certificates(at: certificateFile, kernel: kernel)
            let key = try PEMFile.privateKey(at: keyFile, secrecy: .ownerOnly, kernel: kernel)
            guard let certificate = certificates.first, certificate.matches(key) else {
                throw PKIError.keyMismatch(certificateFile: certificateFile, keyFile: keyFile)
            }
            return CertificateAuthority(certificate: certificate, key: key)
        } catch let error as PEMFileError {
            throw .file(error)
        } catch let error as PKIError {
            throw error
        } catch {
            preconditionFailure("no other error is thrown above: \(error)")
        }
    }

    /// The CA's certificate and key, to be written to files.
    package var credential: Credential { Credential(certificate: certificate, key: key) }

    /// Issues a certificate for a server that is reached by some names and addresses.
    package func issueServer(
        hosts: [String], key kind: KeyKind = .p256, days: Int, now: Timestamp
    ) throws(PKIError) -> Credential {
        guard let first = hosts.first else { throw .noHosts }
        var named: [CertificateHost] = []
        for host in hosts {
            guard let host = CertificateHost(host) else { throw .unsuitableHost(host) }
            named.append(host)
        }
        // Nobody verifies a server by its common name; it is there for people.
        let subject = CertificateProfile.SubjectEntry.commonName(Array(first.utf8.prefix(64)))
        let (notBefore, notAfter) = try Self.validity(days: days, now: now)
        return try issue(
            CertificateProfile(
                subject: [subject], hosts: named, usage: .server,
                notBefore: notBefore, notAfter: notAfter),
            key: kind)
    }

    /// Issues a certificate for a client: the name is the tenant, the role its organization, and the
    /// users of the host that it may ask to be its organizational units.
    package func issueClient(
        commonName: String, role: String? = nil, principals: [String] = [],
        key kind: KeyKind = .p256, days: Int, now: Timestamp
    ) throws(PKIError) -> Credential {
        var subject = [CertificateProfile.SubjectEntry.commonName(try Self.checkedName(commonName))]
        if let role {
            subject.append(.organization(try Self.checkedName(role)))
        }
        for principal in principals {
            subject.append(.organizationalUnit(try Self.checkedName(principal)))
        }
        let (notBefore, notAfter) = try Self.validity(days: days, now: now)
        return try issue(
            CertificateProfile(
                subject: subject, usage: .client, notBefore: notBefore, notAfter: notAfter),
            key: kind)
    }

    /// Issues whatever a profile says, with a new key.
    package func issue(
        _ profile: CertificateProfile, key kind: KeyKind = .p256
    ) throws(PKIError) -> Credential {
        let key = try PrivateKey.generate(kind)
        let issuer = CertificateBuilder.Issuer(certificate: certificate, key: self.key)
        let certificate = try CertificateBuilder.build(profile, for: key, signedBy: issuer)
        return Credential(certificate: certificate, key: key)
    }

    /// RFC 5280, appendix A: a common name has 1 to 64 characters.
    private static func checkedName(_ name: String) throws(PKIError) -> [UInt8] {
        let isPrintable = name.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control
        }
        guard (1...64).contains(name.unicodeScalars.count), isPrintable else {
            throw .unsuitableName(name)
        }
        return Array(name.utf8)
    }

    /// Valid from five minutes ago, for hosts whose clock is a little behind ours.
    private static func validity(
        days: Int, now: Timestamp
    ) throws(PKIError) -> (notBefore: Timestamp, notAfter: Timestamp) {
        guard (1...36_500).contains(days) else { throw .unsuitableLifetime(days: days) }
        let now = now.secondsSinceEpoch
        return (
            Timestamp(secondsSinceEpoch: now - 300),
            Timestamp(secondsSinceEpoch: now + Int64(days) * 86_400)
        )
    }
}
