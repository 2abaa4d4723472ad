/// A fatal TLS alert, by its number in RFC 8446, section 6.
package struct TLSAlert: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    package let rawValue: UInt8

    /// Makes the alert of a number.
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    static let badCertificate = TLSAlert(rawValue: 42)
    static let unsupportedCertificate = TLSAlert(rawValue: 43)
    static let certificateRevoked = TLSAlert(rawValue: 44)
    static let certificateExpired = TLSAlert(rawValue: 45)
    static let certificateUnknown = TLSAlert(rawValue: 46)
    static let unknownCA = TLSAlert(rawValue: 48)
    static let accessDenied = TLSAlert(rawValue: 49)
    static let protocolVersion = TLSAlert(rawValue: 70)
    static let certificateRequired = TLSAlert(rawValue: 116)
    static let noApplicationProtocol = TLSAlert(rawValue: 120)

    /// True if the alert says that our certificate was not accepted.
    package var refusesCertificate: Bool {
        switch self {
        case .badCertificate, .unsupportedCertificate, .certificateRevoked, .certificateExpired,
            .certificateUnknown, .unknownCA, .accessDenied, .certificateRequired:
            true
        default:
            false
        }
    }

    /// The name in RFC 8446, in words: "certificate required".
    package var name: String {
        Self.names[rawValue] ?? "alert \(rawValue)"
    }

    private static let names: [UInt8: String] = [
        10: "unexpected message", 20: "bad record", 22: "record overflow",
        40: "handshake failure", 42: "bad certificate", 43: "unsupported certificate",
        44: "certificate revoked", 45: "certificate expired", 46: "certificate unknown",
        47: "illegal parameter", 48: "unknown CA", 49: "access denied", 50: "decode error",
        51: "decrypt error", 70: "protocol version", 71: "insufficient security",
        80: "internal error", 86: "inappropriate fallback", 90: "user canceled",
        109: "missing extension", 110: "unsupported extension", 112: "unrecognized name",
        113: "bad certificate status response", 115: "unknown PSK identity",
        116: "certificate required", 120: "no application protocol",
    ]
}
