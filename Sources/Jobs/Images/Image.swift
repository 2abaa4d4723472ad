package import Reactor

/// What jobs with ``JobSpecification/Isolation/image`` have for a root directory.
package struct Image: Equatable, Sendable {
    /// How an image came.
    package enum Format: String, CaseIterable, Sendable {
        /// As a tar archive, compressed or not.
        case tar
        /// As a squashfs file system.
        case squashfs
    }

    /// Unique on the server.
    package let name: String
    /// How it came.
    package let format: Format
    /// What it takes on the disk.
    package let byteCount: UInt64
    /// When it was imported.
    package let createdAt: Timestamp
    /// SHA-256 of what was received, in hexadecimal.
    package let digest: String
}

extension Image {
    /// Whether a name can be one: it is the name of a directory, too, beside others that begin with
    /// a dot.
    static func isName(_ text: String) -> Bool {
        let isPlain = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        guard let first = text.utf8.first, isPlain(first), text.utf8.count <= 63 else {
            return false
        }
        return text.utf8.allSatisfy { isPlain($0) || Array("._-".utf8).contains($0) }
    }

    /// What is right for a name, for those who gave a wrong one.
    static let nameRule = """
        The name of an image has 1 to 63 letters, digits, '.', '_' or '-', and begins with a letter \
        or digit.
        """
}

/// An image as its metadata file has it: one JSON object, docs/FORMATS.md.
extension Image {
    /// The layout written by this build; one that does not know a version leaves the image alone.
    private static let version: UInt64 = 1

    /// The text of the file, without the name, which is that of the directory.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.member("version", Self.version)
            $0.member("format") { $0.string(format.rawValue) }
            $0.member("size", byteCount)
            $0.member("createdAt", UInt64(max(0, createdAt.nanoseconds)))
            $0.member("sha256") { $0.string(digest) }
        }
        return writer.text + Array("\n".utf8)
    }

    /// Reads the file; nil if it is none, or one of another version.
    init?(name: String, json: [UInt8]) {
        var format: Format?
        var numbers: [String: UInt64] = [:]
        var digest = ""
        do throws(JSONReader.Malformed) {
            var reader = JSONReader(String(decoding: json, as: UTF8.self))
            try reader.object { (reader, member) throws(JSONReader.Malformed) in
                switch member {
                case "format": format = Format(rawValue: try reader.string())
                case "sha256": digest = try reader.string()
                case "version", "size", "createdAt": numbers[member] = try reader.number()
                default: try reader.skip()
                }
            }
            try reader.end()
        } catch {
            return nil
        }
        guard let format, numbers["version"] == Self.version, let size = numbers["size"],
            let time = numbers["createdAt"].flatMap({ Int64(exactly: $0) })
        else { return nil }
        self.init(
            name: name, format: format, byteCount: size,
            createdAt: Timestamp(nanoseconds: time), digest: digest)
    }
}
