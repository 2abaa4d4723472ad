import COpenSSL
import Reactor

/// A host as a certificate names it.
package enum CertificateHost: Hashable, Sendable {
    /// A DNS name; the first label may be `*`.
    case name(String)

    /// An IPv4 or IPv6 address: 4 or 16 bytes in network order.
    case address([UInt8])

    /// Reads an address or a DNS name; nil if the text is neither.
    package init?(_ text: String) {
        if let address = addressBytes(text) {
            self = .address(address)
        } else if Self.isName(text) {
            self = .name(text)
        } else {
            return nil
        }
    }

    /// RFC 1123, section 2.1: letters, digits and hyphens in labels of at most 63.
    ///
    /// An underscore is let through because container networks use it.
    private static func isName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let named = labels.first == "*" ? labels.dropFirst() : labels[...]
        return text.utf8.count <= 253 && named.allSatisfy(isLabel) && !isNumber(named.last ?? "")
    }

    /// What ends in a number is a mistyped address.
    private static func isNumber(_ label: Substring) -> Bool {
        label.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default:
                    false
                }
            }
    }
}

extension CertificateHost: CustomStringConvertible {
    /// The name, or the address as people write it.
    package var description: String {
        switch self {
        case .name(let name):
            name
        case .address(let bytes) where bytes.count == 16:
            IPv6Address(high: number(bytes.prefix(8)), low: number(bytes.suffix(8))).description
        case .address(let bytes):
            bytes.map { "\($0)" }.joined(separator: ".")
        }
    }
}

/// The number that bytes in network order stand for.
private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
}

/// The bytes of an IPv4 or IPv6 address in text, or nil.
private func addressBytes(_ text: String) -> [UInt8]? {
    guard let address = unsafe a2i_IPADDRESS(text) else {
        ERR_clear_error()
        return nil
    }
    defer { unsafe ASN1_OCTET_STRING_free(address) }
    return unsafe bytes(of: address)
}
