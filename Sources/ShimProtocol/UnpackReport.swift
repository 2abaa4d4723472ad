/// What is wrong with an archive that is to become an image.
package enum ArchiveFault: UInt8, CaseIterable, Sendable {
    /// It does not begin as a tar archive does.
    case notAnArchive = 1
    /// It ends in the middle, or says what cannot be.
    case damaged = 2
    /// It holds no file at all.
    case empty = 3
    /// A path leads out of the image.
    case leadsOut = 4
    /// A file has holes, in a way that only some programs understand.
    case sparse = 5
    /// What is in it takes more than an image may.
    case tooLarge = 6
    /// It has more files than an image may.
    case tooManyFiles = 7
}

/// What the process that unpacks an image has to say at its end, on ``ImageDescriptor/report``.
///
/// No report means that it was killed.
package enum UnpackReport: Equatable, Sendable {
    /// The image is there, and on the disk; `byteCount` is what it takes.
    case unpacked(byteCount: UInt64)
    /// The archive is no image; `path` says where in it, if anywhere.
    case refused(ArchiveFault, path: String)
    /// The archive may be good, but the host refused.
    case failed(errno: Int32, path: String)
}

/// The descriptors of a process that works on images, apart from the standard ones.
package enum ImageDescriptor {
    /// The directory it works in, which becomes all that it sees.
    package static let directory: Int32 = 3
    /// The write end of the pipe that takes an ``UnpackReport``.
    package static let report: Int32 = 4
}

extension UnpackReport {
    /// No report is longer, so that one write(2) to a pipe is atomic (PIPE_BUF, pipe(7)).
    package static let encodedSizeMax = 4096

    private static let magic: UInt32 = 0x4B50_4E55  // "UNPK"
    private static let pathSizeMax = 3072

    private enum Kind: UInt8 {
        case unpacked = 1
        case refused = 2
        case failed = 3
    }

    /// The bytes for the pipe; a path that is too long loses its end.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.magic)
        switch self {
        case .unpacked(let byteCount):
            writer.append(Kind.unpacked.rawValue)
            writer.append(byteCount)
        case .refused(let fault, let path):
            writer.append(Kind.refused.rawValue)
            writer.append(fault.rawValue)
            writer.append(Self.shortened(path))
        case .failed(let errno, let path):
            writer.append(Kind.failed.rawValue)
            writer.append(errno)
            writer.append(Self.shortened(path))
        }
        return writer.sealed()
    }

    /// Reads what `encoded()` wrote.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        var reader = try ByteReader.unsealed(bytes)
        guard try reader.integer(UInt32.self) == Self.magic else { throw .wrongMagic }
        switch Kind(rawValue: try reader.integer()) {
        case .unpacked?:
            self = .unpacked(byteCount: try reader.integer())
        case .refused?:
            guard let fault = ArchiveFault(rawValue: try reader.integer()) else {
                throw .malformed(field: "fault")
            }
            self = .refused(fault, path: try reader.text("path"))
        case .failed?:
            self = .failed(errno: try reader.integer(), path: try reader.text("path"))
        case nil: throw .malformed(field: "kind")
        }
        guard reader.isAtEnd else { throw .malformed(field: "end") }
    }

    private static func shortened(_ text: String) -> String {
        String(decoding: text.utf8.lazy.filter { $0 != 0 }.prefix(pathSizeMax), as: UTF8.self)
    }
}
