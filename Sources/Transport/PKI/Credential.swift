import COpenSSL
package import Reactor

/// A certificate and the private key that belongs to it.
package struct Credential {
    /// What the peer gets to see.
    package let certificate: Certificate

    /// What proves that the certificate is ours.
    package let key: PrivateKey

    /// Pairs a certificate with its key.
    package init(certificate: Certificate, key: PrivateKey) {
        precondition(certificate.matches(key), "a certificate with somebody else's key")
        self.certificate = certificate
        self.key = key
    }

    /// Writes two files, the key first and for its owner only; neither may exist already.
    ///
    /// If the second cannot be written the first is removed again.
    package func write(
        certificateFile: String, keyFile: String, kernel: any Kernel
    ) throws(PKIError) {
        do {
            try PEMFile.write(key.pem, to: keyFile, mode: 0o600, kernel: kernel)
        } catch {
            throw .file(error)
        }
        do {
            try PEMFile.write(certificate.pem, to: certificateFile, mode: 0o644, kernel: kernel)
        } catch {
            try? kernel.removeFile(keyFile)
            throw .file(error)
        }
    }
}

extension Certificate {
    /// Whether the certificate is for that key.
    func matches(_ key: PrivateKey) -> Bool {
        defer { ERR_clear_error() }
        return unsafe X509_check_private_key(x509, key.key) == 1
    }
}
