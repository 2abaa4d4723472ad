import Reactor

/// Where images lie: `NAME/image.json`, and `NAME/root` with the files, or `NAME/image.squashfs`.
///
/// What begins with a dot is being made or being removed, and is nobody's if it is there when a
/// server starts. Everything here is for a worker.
struct ImageDirectory: Sendable {
    /// The path of the directory.
    let path: String
    let kernel: any Kernel

    private static let directoryMode: UInt32 = 0o700
    private static let metadataSizeMax = 64 << 10
    private static let metadata = "image.json"
    /// What was received, until it is unpacked.
    private static let archive = "archive"
    private static let squashfs = "image.squashfs"

    /// What a server finds when it starts.
    struct Contents: Sendable {
        var images: [Image] = []
        /// What another life was making or removing.
        var leftovers: [String] = []
        /// Images whose metadata cannot be read, or is of another version.
        var unreadable: [String] = []
    }

    /// A place for something that is being made or removed.
    static func hiddenName(_ what: String, _ kernel: any Kernel) -> String {
        let digits = kernel.fillRandom(8).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
        }
        return ".\(what)-\(digits.joined())"
    }

    func archivePath(_ place: String) -> String { "\(path)/\(place)/\(Self.archive)" }

    /// The directory that jobs see.
    func rootPath(_ name: String) -> String { "\(path)/\(name)/root" }

    func squashfsPath(_ name: String) -> String { "\(path)/\(name)/\(Self.squashfs)" }

    // MARK: Starting

    /// Looks what there is; a directory that is missing has no images.
    func contents() throws(Errno) -> Contents {
        var contents = Contents()
        let names: [String]
        do throws(Errno) {
            names = try kernel.list(path)
        } catch .noEntry {
            return contents
        }
        for name in names.sorted() {
            if name.hasPrefix(".") {
                contents.leftovers.append(name)
            } else if let image = image(named: name) {
                contents.images.append(image)
            } else {
                contents.unreadable.append(name)
            }
        }
        return contents
    }

    private func image(named name: String) -> Image? {
        let file = "\(path)/\(name)/\(Self.metadata)"
        guard Image.isName(name),
            let bytes = try? kernel.contents(of: file, sizeMax: Self.metadataSizeMax)
        else { return nil }
        return Image(name: name, json: bytes)
    }

    // MARK: Importing

    /// Makes a place for an image, and a file for what is received.
    func make(_ place: String) throws(Errno) -> HeldFile {
        try kernel.findOrMakeDirectory(path, mode: Self.directoryMode)
        try kernel.makeDirectory("\(path)/\(place)", mode: Self.directoryMode)
        return HeldFile(
            try kernel.openFile(archivePath(place), flags: [.readWrite, .create, .exclusive]))
    }

    /// Opens what an unpacker needs: what was received, from its beginning, and an empty root.
    func prepareUnpacking(_ place: String) throws(Errno) -> (archive: HeldFile, root: HeldFile) {
        let root = rootPath(place)
        try kernel.makeDirectory(root, mode: 0o755)
        return (
            HeldFile(try kernel.openFile(archivePath(place), flags: .readOnly)),
            HeldFile(try kernel.openFile(root, flags: [.readOnly, .directory]))
        )
    }

    /// Keeps what was received as it is, since it is a file system, and makes a place to mount it.
    func prepareMounting(_ place: String, _ file: HeldFile) throws(Errno) {
        try kernel.makeDirectory(rootPath(place), mode: 0o755)
        try kernel.synchronize(file.descriptor.raw)
        try kernel.rename(archivePath(place), to: squashfsPath(place))
    }

    /// Gives a finished image its name: from here on it is there, whatever dies.
    func publish(_ image: Image, from place: String) throws(Errno) {
        if image.format == .tar { try kernel.removeFile(archivePath(place)) }
        try write(image.json, to: "\(path)/\(place)/\(Self.metadata)")
        try kernel.synchronizeDirectory("\(path)/\(place)")
        try move(place, to: image.name)
    }

    /// Gives a directory another name, on the disk as well; one that the disk refuses it keeps the old
    /// one, so that what is told of it is true.
    private func move(_ name: String, to newName: String) throws(Errno) {
        try kernel.rename("\(path)/\(name)", to: "\(path)/\(newName)")
        do throws(Errno) {
            try kernel.synchronizeDirectory(path)
        } catch {
            try? kernel.rename("\(path)/\(newName)", to: "\(path)/\(name)")
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to file: String) throws(Errno) {
        let file = HeldFile(
            try kernel.openFile(file, flags: [.writeOnly, .create, .exclusive]))
        try file.write(bytes, at: 0, kernel)
        try kernel.synchronize(file.descriptor.raw)
    }

    // MARK: Removing

    /// Takes the name from an image: from here on it is not there, whatever dies.
    ///
    /// What is mounted moves along, and is let go only then: an image that keeps its name is whole.
    func hide(_ image: Image, at place: String) throws(Errno) {
        try move(image.name, to: place)
        if image.format == .squashfs { unmountAll(place) }
    }

    /// Takes the name from an image of which nobody was told.
    func withdraw(_ image: Image, to place: String) throws(Errno) {
        try kernel.rename("\(path)/\(image.name)", to: "\(path)/\(place)")
    }

    // MARK: Mounting

    /// Mounts an image that is a file system; what another life has mounted goes first.
    func mount(_ name: String) throws(Errno) {
        unmountAll(name)
        try kernel.mountImage(squashfsPath(name), at: rootPath(name))
    }

    /// Jobs that run keep what they have.
    func unmountAll(_ name: String) {
        // One that has nothing mounted on it is refused, EINVAL.
        while (try? kernel.unmount(rootPath(name))) != nil {}
    }
}

/// An open file, fit to be handed between a worker and the loop.
final class HeldFile: Sendable {
    let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// Writes all of it; for a worker.
    func write(_ bytes: [UInt8], at offset: UInt64, _ kernel: any Kernel) throws(Errno) {
        let buffer = Buffer(capacity: max(1, bytes.count))
        buffer.append(bytes)
        var place = offset
        while buffer.readableCount > 0 {
            let count = try buffer.withReadableBytes { rest throws(Errno) in
                try kernel.writeFileNow(descriptor.raw, at: place, rest)
            }
            buffer.consume(count)
            place += UInt64(count)
        }
    }
}
