import COpenSSL
import Reactor

/// Makes and signs X.509 certificates from profiles.
struct CertificateBuilder {
    /// Who signs.
    struct Issuer {
        /// Nil for a CA that signs itself.
        let certificate: Certificate?
        let key: PrivateKey
    }

    /// Makes the certificate of a key.
    static func build(
        _ profile: CertificateProfile, for key: PrivateKey, signedBy issuer: Issuer
    ) throws(PKIError) -> Certificate {
        guard let x509 = unsafe X509_new() else { throw .openSSL(OpenSSLError.takeWords()) }
        let certificate = unsafe Certificate(owning: x509)
        let builder = Self(
            certificate: certificate, issuer: issuer.certificate ?? certificate)
        ERR_clear_error()
        try builder.setFixedFields(profile, key)
        try builder.setSubject(profile.subject)
        try builder.setIssuer()
        try builder.addExtensions(profile)
        try check(unsafe X509_sign(x509, issuer.key.key, issuer.key.signatureDigest) > 0)
        return certificate
    }

    private let certificate: Certificate
    private let issuer: Certificate

    private func setFixedFields(
        _ profile: CertificateProfile, _ key: PrivateKey
    ) throws(PKIError) {
        let x509 = unsafe certificate.x509
        try check(unsafe X509_set_version(x509, Int(X509_VERSION_3)) == 1)
        try setSerial()
        try check(
            unsafe ASN1_TIME_set(
                X509_getm_notBefore(x509), Int(profile.notBefore.secondsSinceEpoch)) != nil)
        try check(
            unsafe ASN1_TIME_set(
                X509_getm_notAfter(x509), Int(profile.notAfter.secondsSinceEpoch)) != nil)
        try check(unsafe X509_set_pubkey(x509, key.key) == 1)
    }

    /// 128 random bits: no state to keep, and no serial number is ever used twice.
    private func setSerial() throws(PKIError) {
        let number = unsafe BN_new()
        defer { unsafe BN_free(number) }
        try check(unsafe BN_rand(number, 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1)
        let serial = unsafe X509_get_serialNumber(certificate.x509)
        try check(unsafe BN_to_ASN1_INTEGER(number, serial) != nil)
    }

    private func setSubject(_ entries: [CertificateProfile.SubjectEntry]) throws(PKIError) {
        let name = unsafe X509_get_subject_name(certificate.x509)
        for entry in entries {
            let (attribute, value) =
                switch entry {
                case .commonName(let value): (NID_commonName, value)
                case .organization(let value): (NID_organizationName, value)
                case .organizationalUnit(let value): (NID_organizationalUnitName, value)
                }
            // V_ASN1_UTF8STRING puts the bytes in as they are; the MBSTRING types would check them.
            try check(
                unsafe X509_NAME_add_entry_by_NID(
                    name, attribute, V_ASN1_UTF8STRING, value, Int32(value.count), -1, 0) == 1)
        }
    }

    private func setIssuer() throws(PKIError) {
        let name = unsafe X509_get_subject_name(issuer.x509)
        try check(unsafe X509_set_issuer_name(certificate.x509, name) == 1)
    }

    /// RFC 5280, section 4.2; what is critical there is critical here.
    private func addExtensions(_ profile: CertificateProfile) throws(PKIError) {
        switch profile.usage {
        case .authority:
            try addExtension(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
            try addExtension(NID_key_usage, "critical,keyCertSign,cRLSign")
        case .server:
            try addLeafExtensions(extendedKeyUsage: "serverAuth")
        case .client:
            try addLeafExtensions(extendedKeyUsage: "clientAuth")
        }
        try addExtension(NID_subject_key_identifier, "hash")
        try addExtension(NID_authority_key_identifier, "keyid:always")
        if !profile.hosts.isEmpty {
            try addHosts(profile.hosts)
        }
    }

    private func addLeafExtensions(extendedKeyUsage: String) throws(PKIError) {
        try addExtension(NID_basic_constraints, "critical,CA:FALSE")
        try addExtension(NID_key_usage, "critical,digitalSignature")
        try addExtension(NID_ext_key_usage, extendedKeyUsage)
    }

    /// Adds an extension in OpenSSL's own notation; never call it with text from outside.
    private func addExtension(_ kind: Int32, _ value: StaticString) throws(PKIError) {
        try addExtension(kind, "\(value)")
    }

    private func addExtension(_ kind: Int32, _ value: String) throws(PKIError) {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, issuer.x509, certificate.x509, nil, nil, 0)
        let made = unsafe X509V3_EXT_conf_nid(nil, &context, kind, value)
        defer { unsafe X509_EXTENSION_free(made) }
        try check(unsafe made != nil)
        try check(unsafe X509_add_ext(certificate.x509, made, -1) == 1)
    }

    private func addHosts(_ hosts: [CertificateHost]) throws(PKIError) {
        let names = unsafe copenssl_general_names_new()
        defer { unsafe GENERAL_NAMES_free(names) }
        for host in hosts {
            let name = unsafe makeGeneralName(host)
            try check(unsafe copenssl_general_names_push(names, name) > 0)
        }
        let added = unsafe X509_add1_ext_i2d(
            certificate.x509, NID_subject_alt_name, UnsafeMutableRawPointer(names), 0, 0)
        try check(added == 1)
    }

    /// Built by hand rather than in OpenSSL's notation, in which a comma in a name would begin
    /// the next one.
    private func makeGeneralName(_ host: CertificateHost) -> UnsafeMutablePointer<GENERAL_NAME>? {
        let (kind, value) =
            switch host {
            case .name(let name): (GEN_DNS, Array(name.utf8))
            case .address(let bytes): (GEN_IPADD, bytes)
            }
        let string = unsafe ASN1_STRING_type_new(
            kind == GEN_DNS ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING)
        unsafe ASN1_STRING_set(string, value, Int32(value.count))
        let name = unsafe GENERAL_NAME_new()
        unsafe GENERAL_NAME_set0_value(name, kind, string)
        return unsafe name
    }
}

/// Turns a failure of OpenSSL's into an error with its words.
private func check(_ succeeded: Bool) throws(PKIError) {
    guard succeeded else { throw .openSSL(OpenSSLError.takeWords()) }
}
