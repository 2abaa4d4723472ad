package import ShimProtocol

/// One thing in a tar archive.
package struct TarEntry: Equatable {
    /// What it is.
    package enum Kind: Equatable {
        case file
        case directory
        /// A link that says where it leads; nobody looks whether that is anywhere.
        case symbolicLink(target: [UInt8])
        /// Another name for a file that came before.
        case hardLink(to: [UInt8])
        case namedPipe
        /// A device, which no image may have.
        case device
    }

    package var kind: Kind
    /// From the root of the image, without a slash at either end; empty for the root itself.
    package var path: [UInt8]
    /// The permissions; what lets a program gain its owner's privileges is left out.
    package var mode: UInt32
    package var userID: UInt32
    package var groupID: UInt32
    /// When it was changed, in seconds since the Unix epoch.
    package var modifiedAt: Int64
    /// How many bytes of content follow.
    package var size: UInt64
}

/// Why an archive is not unpacked.
package struct TarFailure: Error, Equatable {
    package let fault: ArchiveFault
    /// Where in the archive, if that is known.
    package let path: [UInt8]

    init(_ fault: ArchiveFault, at path: [UInt8] = []) {
        self.fault = fault
        self.path = path
    }
}

extension TarEntry {
    /// A path as the archive has it, less what means nothing; nil if it leads out of the image.
    ///
    /// A leading slash means the root of the image, as other programs have it, too.
    static func normalized(_ path: some Sequence<UInt8>) -> [UInt8]? {
        let parts = Array(path).split(separator: UInt8(ascii: "/"))
            .filter { !$0.elementsEqual(".".utf8) }
        guard !parts.contains(where: { $0.elementsEqual("..".utf8) }) else { return nil }
        return Array(parts.joined(separator: [UInt8(ascii: "/")]))
    }
}
