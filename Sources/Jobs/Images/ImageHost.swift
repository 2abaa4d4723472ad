import Logging
import Reactor
import ShimProtocol

/// What all work on images of one server shares.
struct ImageHost {
    let reactor: Reactor
    let directory: ImageDirectory
    let program: ImageProgram
    let remover: ImageRemover
    let limits: JobLimits
    let logger: Logger

    var kernel: any Kernel { reactor.kernel }

    /// Does something on the worker of images, whose disk work may take as long as it wants.
    func work<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void
    ) {
        reactor.perform(on: .images, work, then: then)
    }
}

/// What an unpacker is given.
struct ArchiveFiles: Sendable {
    let archive: HeldFile
    let root: HeldFile
    let decompressor: String?
}

extension ImageDirectory {
    /// Where programs are on every Debian; the daemon's PATH is nobody's business.
    private static let programDirectories = ["/usr/bin", "/bin"]

    /// Makes ready what was received for an unpacker; for a worker.
    func order(_ place: String, _ first: [UInt8]) throws(ImageError) -> ArchiveFiles {
        let decompressor = try Compression(first).map { (compression) throws(ImageError) in
            try program(of: compression)
        }
        do throws(Errno) {
            let files = try prepareUnpacking(place)
            return ArchiveFiles(
                archive: files.archive, root: files.root, decompressor: decompressor)
        } catch {
            throw ImageError(storing: error, in: path)
        }
    }

    private func program(of compression: Compression) throws(ImageError) -> String {
        for directory in Self.programDirectories {
            let path = "\(directory)/\(compression.program)"
            if let status = try? kernel.status(at: path), status.kind == .regular { return path }
        }
        throw .unavailable(
            missing: "it is compressed by \(compression.program), which is not installed on the "
                + "server's host")
    }

    /// Publishes an image and, if it is a file system, mounts it; for a worker.
    func bringIn(_ image: Image, from place: String) throws(ImageError) {
        do throws(Errno) {
            try publish(image, from: place)
        } catch {
            throw ImageError(storing: error, in: path)
        }
        guard image.format == .squashfs else { return }
        do throws(Errno) {
            try mount(image.name)
        } catch {
            // It is back under the name that is discarded.
            try? withdraw(image, to: place)
            throw ImageError(mounting: error)
        }
    }
}

extension ImageError {
    /// What the disk says.
    init(storing error: Errno, in path: String) {
        switch error {
        case .noSpace, .quotaExceeded: self = .storageFull(problem: "\(error)")
        default: self = .unavailable(missing: "\(quoted(path)) cannot be used: \(error)")
        }
    }

    /// What the kernel says of a file system: EINVAL of one that it cannot read, ENODEV of a kind
    /// that it does not know.
    init(mounting error: Errno) {
        switch error {
        case .invalidArgument, .inputOutput:
            self = .unusable(problem: "the kernel cannot read it as squashfs (\(error))")
        default:
            self = .unavailable(
                missing: "squashfs cannot be mounted on the server's host (\(error)); import the "
                    + "files as a tar archive")
        }
    }
}
