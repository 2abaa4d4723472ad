import COpenSSL
package import Reactor

extension Certificate {
    /// The exact bytes of every common name of the subject, in order.
    package var commonNames: [[UInt8]] { unsafe entries(NID_commonName, of: subject) }

    /// The exact bytes of every organization of the subject, in order.
    package var organizations: [[UInt8]] { unsafe entries(NID_organizationName, of: subject) }

    /// The exact bytes of every organizational unit of the subject, in order.
    package var organizationalUnits: [[UInt8]] {
        unsafe entries(NID_organizationalUnitName, of: subject)
    }

    /// The exact bytes of every common name of the issuer, in order.
    var issuerCommonNames: [[UInt8]] {
        unsafe entries(NID_commonName, of: X509_get_issuer_name(x509))
    }

    /// The serial number in lower-case hexadecimal.
    package var serial: String {
        guard let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), nil) else {
            return ""
        }
        defer { unsafe BN_free(number) }
        guard let text = unsafe BN_bn2hex(number) else { return "" }
        defer { unsafe CRYPTO_free(text, #file, #line) }
        return unsafe String(cString: text).lowercased()
    }

    /// The first moment at which the certificate is valid.
    package var notBefore: Timestamp { unsafe Timestamp(X509_get0_notBefore(x509)) }

    /// The last moment at which the certificate is valid.
    package var notAfter: Timestamp { unsafe Timestamp(X509_get0_notAfter(x509)) }

    /// SHA-256 of the public key (the whole SubjectPublicKeyInfo).
    package var publicKeySHA256: [UInt8] {
        unsafe sha256(encodedDER { unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), $0) })
    }

    /// The kind of its public key, as people write it: "P-256", "RSA 2048".
    package var keyDescription: String {
        guard let key = unsafe X509_get0_pubkey(x509) else { return "unknown" }
        return unsafe describeKey(key)
    }

    private var subject: OpaquePointer? { unsafe X509_get_subject_name(x509) }
}

/// The values of one attribute of a distinguished name.
private func entries(_ attribute: Int32, of name: OpaquePointer?) -> [[UInt8]] {
    var values: [[UInt8]] = []
    var index: Int32 = -1
    while true {
        index = unsafe X509_NAME_get_index_by_NID(name, attribute, index)
        guard index >= 0 else { return values }
        let entry = unsafe X509_NAME_get_entry(name, index)
        unsafe values.append(bytes(of: X509_NAME_ENTRY_get_data(entry)))
    }
}

/// A copy of the bytes of one of OpenSSL's strings, whatever its encoding.
func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    guard let string = unsafe string, let start = unsafe ASN1_STRING_get0_data(string) else {
        return []
    }
    return unsafe Array(
        UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(string))))
}

/// The SHA-256 of some bytes.
func sha256(_ bytes: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, initialized in
        unsafe SHA256(bytes, bytes.count, buffer.baseAddress)
        initialized = Int(SHA256_DIGEST_LENGTH)
    }
}

/// The name of a curve: NIST's where it has one, otherwise OpenSSL's.
private func describeCurve(of key: OpaquePointer) -> String {
    let name = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
        var count = 0
        let isKnown = unsafe EVP_PKEY_get_group_name(key, text.baseAddress, text.count, &count) == 1
        return unsafe isKnown ? text.baseAddress.map { unsafe String(cString: $0) } : nil
    }
    return switch name {
    case "prime256v1": "P-256"
    case "secp384r1": "P-384"
    case "secp521r1": "P-521"
    default: name ?? "unknown curve"
    }
}

/// The kind of a key, as people write it.
private func describeKey(_ key: OpaquePointer) -> String {
    switch unsafe EVP_PKEY_get_base_id(key) {
    case EVP_PKEY_RSA:
        return unsafe "RSA \(EVP_PKEY_get_bits(key))"
    case EVP_PKEY_ED25519:
        return "Ed25519"
    case EVP_PKEY_EC:
        return unsafe describeCurve(of: key)
    default:
        return unsafe EVP_PKEY_get0_type_name(key).map { unsafe String(cString: $0) } ?? "unknown"
    }
}
