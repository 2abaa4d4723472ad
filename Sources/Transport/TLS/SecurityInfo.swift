/// What a TLS handshake agreed on.
package struct SecurityInfo: Hashable, Sendable {
    /// The version, as OpenSSL writes it: "TLSv1.3".
    package let protocolName: String

    /// The cipher suite, as RFC 8446 writes it: "TLS_AES_256_GCM_SHA384".
    package let cipherSuite: String

    /// Describes a handshake's result.
    package init(protocolName: String, cipherSuite: String) {
        self.protocolName = protocolName
        self.cipherSuite = cipherSuite
    }
}
