package import Reactor

/// A peer's certificate after it has been verified, taken apart once for those who decide.
///
/// Names are the exact bytes of the certificate: who compares tenants must not be fooled by
/// two spellings that decode to the same text, and who prints them must first check them.
package struct PeerCertificate: Hashable, Sendable {
    /// Every common name of the subject, in order; a sound certificate has one.
    package let commonNames: [[UInt8]]

    /// Every organization of the subject, in order.
    package let organizations: [[UInt8]]

    /// Every organizational unit of the subject, in order.
    package let organizationalUnits: [[UInt8]]

    /// The serial number in lower-case hexadecimal.
    package let serial: String

    /// SHA-256 of the issuing CA's public key (its SubjectPublicKeyInfo).
    ///
    /// The key, not the name: two CAs can bear one name, and a CA may renew its certificate.
    package let issuerPublicKeySHA256: [UInt8]

    /// The last moment at which the certificate is valid.
    package let notAfter: Timestamp

    /// The certificate itself.
    package let der: [UInt8]

    /// Describes a certificate; tests of policy make their own.
    package init(
        commonNames: [[UInt8]], organizations: [[UInt8]], organizationalUnits: [[UInt8]] = [],
        serial: String, issuerPublicKeySHA256: [UInt8], notAfter: Timestamp, der: [UInt8]
    ) {
        self.commonNames = commonNames
        self.organizations = organizations
        self.organizationalUnits = organizationalUnits
        self.serial = serial
        self.issuerPublicKeySHA256 = issuerPublicKeySHA256
        self.notAfter = notAfter
        self.der = der
    }
}
