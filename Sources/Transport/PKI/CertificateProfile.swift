package import Reactor

/// What a certificate is to say, before it is signed.
///
/// ``CertificateAuthority`` makes sensible ones. Tests make their own: expired, of a wrong usage,
/// with names that must be refused.
package struct CertificateProfile {
    /// What the key may be used for.
    package enum Usage {
        /// To sign certificates of ends, not of further CAs.
        case authority
        case server
        case client
    }

    /// One entry of the subject.
    package enum SubjectEntry {
        case commonName([UInt8])
        case organization([UInt8])
        case organizationalUnit([UInt8])
    }

    /// The subject's entries, in order; the bytes are UTF-8 and are not checked here.
    package var subject: [SubjectEntry]

    /// The hosts that a server may call itself.
    package var hosts: [CertificateHost]

    /// What the key may be used for.
    package var usage: Usage

    /// The first moment at which the certificate is valid; seconds count.
    package var notBefore: Timestamp

    /// The last moment at which the certificate is valid; seconds count.
    package var notAfter: Timestamp

    /// Describes a certificate.
    package init(
        subject: [SubjectEntry], hosts: [CertificateHost] = [], usage: Usage,
        notBefore: Timestamp, notAfter: Timestamp
    ) {
        self.subject = subject
        self.hosts = hosts
        self.usage = usage
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}
