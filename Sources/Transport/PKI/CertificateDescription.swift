import COpenSSL
package import Reactor

/// What a certificate says, for people: `cmdctl pki inspect` and the daemon's log print it.
///
/// Names of certificates come from outside and may hold anything: print them escaped.
package struct CertificateDescription: Hashable, Sendable {
    /// The common names of the subject, decoded as UTF-8.
    package let commonNames: [String]

    /// The organizations of the subject; the first is a client's role.
    package let organizations: [String]

    /// The common names of the issuer.
    package let issuerCommonNames: [String]

    /// The serial number in lower-case hexadecimal.
    package let serial: String

    /// The first moment at which it is valid.
    package let notBefore: Timestamp

    /// The last moment at which it is valid.
    package let notAfter: Timestamp

    /// Whether it may sign other certificates.
    package let isAuthority: Bool

    /// Whether a server may use it.
    package let isForServers: Bool

    /// Whether a client may use it.
    package let isForClients: Bool

    /// The DNS names and addresses of a server.
    package let hosts: [CertificateHost]

    /// The kind of its key: "P-256", "RSA 2048".
    package let key: String

    /// SHA-256 of the whole certificate, in lower-case hexadecimal.
    package let fingerprint: String

    /// SHA-256 of its public key, in lower-case hexadecimal.
    package let publicKeyFingerprint: String
}

extension CertificateDescription {
    /// Takes a certificate apart.
    package init(_ certificate: Certificate) {
        commonNames = certificate.commonNames.map { String(decoding: $0, as: UTF8.self) }
        organizations = certificate.organizations.map { String(decoding: $0, as: UTF8.self) }
        issuerCommonNames = certificate.issuerCommonNames.map {
            String(decoding: $0, as: UTF8.self)
        }
        serial = certificate.serial
        notBefore = certificate.notBefore
        notAfter = certificate.notAfter
        isAuthority = certificate.isAuthority
        isForServers = !isAuthority && certificate.allows(X509_PURPOSE_SSL_SERVER)
        isForClients = !isAuthority && certificate.allows(X509_PURPOSE_SSL_CLIENT)
        hosts = certificate.hosts
        key = certificate.keyDescription
        fingerprint = hexadecimal(sha256(certificate.der))
        publicKeyFingerprint = hexadecimal(certificate.publicKeySHA256)
    }

    /// Describes every certificate of a file, in order.
    package static func inspect(
        _ path: String, kernel: any Kernel
    ) throws(PKIError) -> [CertificateDescription] {
        do {
            return try PEMFile.certificates(at: path, kernel: kernel).map(Self.init)
        } catch {
            throw .file(error)
        }
    }
}

extension Certificate {
    /// The DNS names and addresses that a server may call itself, in order.
    package var hosts: [CertificateHost] {
        let found = unsafe X509_get_ext_d2i(x509, NID_subject_alt_name, nil, nil)
        guard let found = unsafe found else { return [] }
        let names = OpaquePointer(found)
        defer { unsafe GENERAL_NAMES_free(names) }
        let count = unsafe copenssl_general_names_num(names)
        return (0..<count).compactMap {
            unsafe readGeneralName(copenssl_general_names_value(names, $0))
        }
    }

    // X509_check_ca(3): 1 means that the basic constraints say so, more that something else might.
    fileprivate var isAuthority: Bool {
        unsafe X509_check_ca(x509) == 1
    }

    /// What OpenSSL says about a purpose, in a handshake too.
    fileprivate func allows(_ purpose: Int32) -> Bool {
        defer { ERR_clear_error() }
        return unsafe X509_check_purpose(x509, purpose, 0) == 1
    }
}

/// A DNS name or an address; nil for the kinds of names that say nothing about hosts.
private func readGeneralName(_ name: UnsafeMutablePointer<GENERAL_NAME>?) -> CertificateHost? {
    var kind: Int32 = 0
    guard let name = unsafe name, let value = unsafe GENERAL_NAME_get0_value(name, &kind) else {
        return nil
    }
    let content = unsafe bytes(of: value.assumingMemoryBound(to: ASN1_STRING.self))
    return switch kind {
    case GEN_DNS: .name(String(decoding: content, as: UTF8.self))
    case GEN_IPADD: .address(content)
    default: nil
    }
}

/// Lower-case hexadecimal, two digits for each byte.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
