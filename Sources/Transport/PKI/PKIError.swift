/// Why a certificate could not be made.
package enum PKIError: Error, Hashable, Sendable {
    /// A name is empty, too long or holds characters that have no place in a certificate.
    case unsuitableName(String)

    /// A host is neither an address nor a DNS name.
    case unsuitableHost(String)

    /// A server certificate needs at least one host.
    case noHosts

    /// An RSA key of this size is too weak or too slow.
    case unsuitableKeySize(Int)

    /// The lifetime is not between one day and a hundred years.
    case unsuitableLifetime(days: Int)

    /// A certificate or key file could not be read or written.
    case file(PEMFileError)

    /// The key does not belong to the CA's certificate.
    case keyMismatch(certificateFile: String, keyFile: String)

    /// Anything else, in OpenSSL's words.
    case openSSL(String)
}

extension PKIError: CustomStringConvertible {
    /// A sentence: what is wrong and what to do.
    package var description: String {
        switch self {
        case .unsuitableName(let name):
            "\(name.debugDescription) cannot be a certificate's name: "
                + "use 1 to 64 characters and no control characters."
        case .unsuitableHost(let host):
            "\(host.debugDescription) is neither a DNS name nor an IP address."
        case .noHosts:
            "A server certificate needs at least one host: the name that clients connect to."
        case .unsuitableKeySize(let bits):
            "RSA with \(bits) bits is not supported: "
                + "use \(KeyKind.rsaBits.lowerBound) to \(KeyKind.rsaBits.upperBound)."
        case .unsuitableLifetime(let days):
            "A lifetime of \(days) days is not supported: use 1 to 36500."
        case .file(let error):
            error.description
        case .keyMismatch(let certificateFile, let keyFile):
            "The key in \(keyFile) does not belong to the certificate in \(certificateFile)."
        case .openSSL(let words):
            "OpenSSL failed: \(words)."
        }
    }
}
