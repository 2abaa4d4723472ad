/// Key–value pairs that travel with a call, in the order they were added.
///
/// Names are lower-case. A name that ends in `-bin` carries any bytes (base64 on the wire); all
/// others carry printable ASCII.
package struct GRPCMetadata: Hashable, Sendable {
    /// What a pair carries.
    package enum Value: Hashable, Sendable {
        /// Printable ASCII, without space at either end.
        case text(String)
        /// Any bytes; the name ends in `-bin`.
        case binary([UInt8])
    }

    /// One pair.
    package struct Pair: Hashable, Sendable {
        /// The name, lower-case.
        package let name: String
        /// The value.
        package let value: Value
    }

    /// All pairs, oldest first.
    package private(set) var pairs: [Pair] = []

    /// Makes metadata without any pair.
    package init() {}

    /// Adds a text pair.
    ///
    /// - Throws: if name or value cannot travel: the connection would be lost, not only the pair.
    package mutating func append(_ name: String, text: String) throws(GRPCMetadataError) {
        guard Self.isName(name), !Self.isBinary(name) else { throw .invalidName(name) }
        guard Self.isText(text) else { throw .invalidValue(name: name) }
        pairs.append(Pair(name: name, value: .text(text)))
    }

    /// Adds a binary pair, whose name must end in `-bin`.
    ///
    /// - Throws: if the name cannot travel.
    package mutating func append(_ name: String, binary: [UInt8]) throws(GRPCMetadataError) {
        guard Self.isName(name), Self.isBinary(name) else { throw .invalidName(name) }
        pairs.append(Pair(name: name, value: .binary(binary)))
    }

    /// The text of the first pair of that name.
    package subscript(_ name: String) -> String? {
        for case .text(let text) in values(of: name) { return text }
        return nil
    }

    /// The bytes of the first binary pair of that name.
    package func binary(_ name: String) -> [UInt8]? {
        for case .binary(let bytes) in values(of: name) { return bytes }
        return nil
    }

    /// Every value of that name, in order.
    package func values(of name: String) -> [Value] {
        pairs.filter { $0.name == name }.map(\.value)
    }
}

/// Why a pair was not accepted as metadata.
package enum GRPCMetadataError: Error, Hashable {
    /// Not lower-case letters, digits, `-`, `_`, `.`; or reserved; or `-bin` where it may not be.
    case invalidName(String)
    /// Not printable ASCII; or not base64 where the name ends in `-bin`.
    case invalidValue(name: String)
}

extension GRPCMetadata {
    /// Headers of the protocol itself, which never show as metadata and cannot be set by it.
    private static let reservedNames: Set<String> = [
        "content-type", "te", "content-length", "connection", "host", "transfer-encoding",
    ]

    static func isBinary(_ name: String) -> Bool { name.hasSuffix("-bin") }

    /// Whether `name` may be a custom header: `grpc-` is the protocol's own (gRPC over HTTP/2,
    /// "Custom-Metadata"), and so are the few HTTP headers that gRPC gives a meaning.
    static func isName(_ name: String) -> Bool {
        guard !name.isEmpty, !name.hasPrefix("grpc-"), !reservedNames.contains(name) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    static func isText(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            && value.utf8.first != UInt8(ascii: " ") && value.utf8.last != UInt8(ascii: " ")
    }
}
