/// Why bytes are no valid plan, start report or index header.
package enum FormatError: Error, Equatable {
    /// Fewer bytes than the format needs.
    case truncated
    /// The first bytes are not those every file or message of this kind begins with.
    case wrongMagic
    /// Written by another version, whose layout this one does not know.
    case unsupportedVersion(UInt16)
    /// The checksum does not match.
    case damaged
    /// The checksum is right, but a field holds what no writer of this version puts there.
    case malformed(field: String)
}

extension FormatError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "cut short"
        case .wrongMagic: "something else"
        case .unsupportedVersion(let version): "of version \(version), which is not known here"
        case .damaged: "damaged"
        case .malformed(let field): "malformed: \(field)"
        }
    }
}
