package import Reactor

/// Why TLS could not be set up from the files that were given.
package enum TLSConfigurationError: Error, Hashable, Sendable {
    /// A file could not be used.
    case file(PEMFileError)

    /// The key does not belong to the certificate.
    case keyMismatch(certificateFile: String, keyFile: String)

    /// The certificate can no longer be used.
    case expired(certificateFile: String, notAfter: Timestamp)

    /// OpenSSL does not accept something, in its words: a key that is too weak, for instance.
    case unusable(String)
}

extension TLSConfigurationError: CustomStringConvertible {
    /// A sentence: what is wrong and what to do.
    package var description: String {
        switch self {
        case .file(let error):
            error.description
        case .keyMismatch(let certificateFile, let keyFile):
            "The key in \(keyFile) does not belong to the certificate in \(certificateFile)."
        case .expired(let certificateFile, let notAfter):
            "The certificate in \(certificateFile) has expired on \(notAfter.calendarDate). "
                + "Issue a new one: cmdctl pki issue."
        case .unusable(let words):
            "The TLS files cannot be used: \(words)."
        }
    }
}
