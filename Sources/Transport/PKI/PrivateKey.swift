import COpenSSL

/// A private key; owns OpenSSL's object.
@safe
package final class PrivateKey {
    /// Valid as long as this object lives.
    let key: OpaquePointer

    /// Takes over a reference.
    private init(owning key: OpaquePointer) {
        unsafe self.key = key
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// Makes a new key from OpenSSL's random numbers.
    package static func generate(_ kind: KeyKind) throws(PKIError) -> PrivateKey {
        let made: OpaquePointer? =
            switch kind {
            case .p256: unsafe copenssl_ec_gen("P-256")
            case .p384: unsafe copenssl_ec_gen("P-384")
            case .ed25519: unsafe copenssl_ed25519_gen()
            case .rsa(let bits): try unsafe generateRSA(bits)
            }
        guard let key = unsafe made else { throw .openSSL(OpenSSLError.takeWords()) }
        return unsafe PrivateKey(owning: key)
    }

    /// Why a PEM text holds no usable key.
    enum ReadFailure: Error {
        case notAKey
        case encrypted
    }

    /// Reads the first private key of a PEM text.
    static func read(fromPEM bytes: [UInt8]) throws(ReadFailure) -> PrivateKey {
        let text = MemoryBIO(bytes)
        let read = unsafe PEM_read_bio_PrivateKey(text.pointer, nil, refusePassphrase, nil)
        let errors = OpenSSLError.takeAll()
        guard let key = unsafe read else {
            let wasEncrypted = errors.contains {
                $0.library == ERR_LIB_PEM && $0.reason == PEM_R_BAD_PASSWORD_READ
            }
            throw wasEncrypted ? .encrypted : .notAKey
        }
        return unsafe PrivateKey(owning: key)
    }

    /// The key as PEM text (PKCS #8), without a passphrase.
    package var pem: [UInt8] {
        let text = MemoryBIO()
        let written = unsafe PEM_write_bio_PrivateKey(text.pointer, key, nil, nil, 0, nil, nil)
        precondition(written == 1, "a key that could be read or made can be written")
        return text.bytes
    }

    /// The digest for signatures made with this key; nil where the algorithm brings its own.
    var signatureDigest: OpaquePointer? {
        switch unsafe (EVP_PKEY_get_base_id(key), EVP_PKEY_get_bits(key)) {
        case (EVP_PKEY_ED25519, _): nil
        case (EVP_PKEY_EC, 384): unsafe EVP_sha384()
        default: unsafe EVP_sha256()
        }
    }
}

/// Makes an RSA key of a size that is neither broken nor absurd.
private func generateRSA(_ bits: Int) throws(PKIError) -> OpaquePointer? {
    guard KeyKind.rsaBits.contains(bits) else { throw .unsuitableKeySize(bits) }
    return unsafe copenssl_rsa_gen(UInt32(bits))
}
