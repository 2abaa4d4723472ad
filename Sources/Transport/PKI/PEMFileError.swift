package import Reactor

/// Why a certificate or key file could not be used.
package struct PEMFileError: Error, Hashable, Sendable {
    /// What is wrong with a file.
    package enum Problem: Hashable, Sendable {
        /// There is no such file.
        case missing

        /// It may not, or cannot, be read.
        case unreadable(Errno)

        /// It may not, or cannot, be written.
        case unwritable(Errno)

        /// It is there already, and nothing is overwritten.
        case exists

        /// It is a directory, a device, or far too large.
        case notRegular

        /// It holds no certificate.
        case notCertificate

        /// It holds no private key.
        case notKey

        /// The key is protected by a passphrase, which nobody is there to type.
        case encryptedKey

        /// Others may read the private key.
        case exposedKey(mode: UInt32)
    }

    /// The file.
    package let path: String

    /// What is wrong with it.
    package let problem: Problem

    /// Describes what is wrong with a file.
    package init(path: String, problem: Problem) {
        self.path = path
        self.problem = problem
    }
}

extension PEMFileError: CustomStringConvertible {
    /// A sentence: what is wrong and what to do.
    package var description: String {
        switch problem {
        case .missing:
            "The file \(path) does not exist."
        case .unreadable(let errno):
            "The file \(path) cannot be read: \(errno)."
        case .unwritable(let errno):
            "The file \(path) cannot be written: \(errno)."
        case .exists:
            "The file \(path) exists already and is not overwritten. Remove it first."
        case .notRegular:
            "\(path) is not a certificate or key file."
        case .notCertificate:
            "The file \(path) holds no certificate in PEM format (\"BEGIN CERTIFICATE\")."
        case .notKey:
            "The file \(path) holds no private key in PEM format (\"BEGIN PRIVATE KEY\")."
        case .encryptedKey:
            "The private key in \(path) is protected by a passphrase. "
                + "Write it without one: openssl pkey -in \(path) -out NEW."
        case .exposedKey(let mode):
            "The private key in \(path) can be read by others (mode "
                + "\(String(mode, radix: 8))). Protect it: chmod 600 \(path)."
        }
    }
}
