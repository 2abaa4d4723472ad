import COpenSSL

/// An X.509 certificate; owns OpenSSL's object.
@safe
package final class Certificate {
    /// Valid as long as this object lives.
    let x509: OpaquePointer

    /// Takes over a reference.
    init(owning x509: OpaquePointer) {
        unsafe self.x509 = x509
    }

    /// Takes a further reference to a certificate that somebody else holds.
    convenience init(sharing x509: OpaquePointer) {
        unsafe X509_up_ref(x509)
        unsafe self.init(owning: x509)
    }

    deinit {
        unsafe X509_free(x509)
    }

    /// Reads all certificates of a PEM text, in order; empty if there is none, or one is damaged.
    package static func all(inPEM bytes: [UInt8]) -> [Certificate] {
        let text = MemoryBIO(bytes)
        var certificates: [Certificate] = []
        while let x509 = unsafe PEM_read_bio_X509(text.pointer, nil, refusePassphrase, nil) {
            unsafe certificates.append(Certificate(owning: x509))
        }
        // The end of the text is reported as an error too, but as one of its own.
        let isWhole = OpenSSLError.takeAll().allSatisfy {
            $0.library == ERR_LIB_PEM && $0.reason == PEM_R_NO_START_LINE
        }
        return isWhole ? certificates : []
    }

    /// The certificate as PEM text.
    package var pem: [UInt8] {
        let text = MemoryBIO()
        let written = unsafe PEM_write_bio_X509(text.pointer, x509)
        precondition(written == 1, "a certificate that could be read or made can be written")
        return text.bytes
    }

    /// The certificate's DER encoding.
    package var der: [UInt8] {
        unsafe encodedDER { unsafe i2d_X509(x509, $0) }
    }
}

/// Runs one of OpenSSL's `i2d_` functions: once for the length, once for the bytes.
func encodedDER(
    _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) -> [UInt8] {
    let count = Int(encode(nil))
    precondition(count > 0, "an object that OpenSSL holds can be encoded")
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        var cursor = buffer.baseAddress
        initialized = Int(unsafe encode(&cursor))
    }
}
