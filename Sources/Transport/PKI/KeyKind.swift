/// The kinds of keys that are made here.
package enum KeyKind: Hashable, Sendable {
    /// The default: small and fast.
    case p256

    case p384
    case ed25519

    /// For peers that know nothing else; 2048 bits at least.
    case rsa(bits: Int)

    /// 2048 is the least that OpenSSL's security level 2 accepts; a signature with more than
    /// 8192 would stop the loop for 30 ms.
    static let rsaBits = 2048...8192

    /// Reads `p256`, `p384`, `ed25519`, `rsa` (which means `rsa-2048`) or `rsa-BITS`.
    package init?(_ text: String) {
        switch text.lowercased() {
        case "p256", "p-256": self = .p256
        case "p384", "p-384": self = .p384
        case "ed25519": self = .ed25519
        case "rsa": self = .rsa(bits: Self.rsaBits.lowerBound)
        case let other:
            guard other.hasPrefix("rsa-"), let bits = Int(other.dropFirst(4)),
                Self.rsaBits.contains(bits)
            else { return nil }
            self = .rsa(bits: bits)
        }
    }
}
