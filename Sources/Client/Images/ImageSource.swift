import JobsAPI
import Reactor

/// An image on this host: a directory, an archive or a file system.
struct ImageSource {
    let format: Cmdctl_V1_ImageFormat
    let bytes: any ByteSource

    /// How a squashfs begins.
    private static let squashfsMark = Array("hsqs".utf8)

    /// Finds out what there is at a path.
    init(at path: String, reactor: Reactor) throws(Failure) {
        let status = try Self.reading(path) { () throws(Errno) in
            try reactor.kernel.status(at: path)
        }
        switch status.kind {
        case .directory:
            format = .tar
            bytes = try DirectorySource(path, reactor: reactor)
        case .regular:
            let file = try Self.reading(path) { () throws(Errno) in
                try FileSource(path, size: status.size, reactor: reactor)
            }
            format = file.begins(with: Self.squashfsMark) ? .squashfs : .tar
            bytes = file
        default:
            throw .local(
                "\(path) is no image", remedy: "Give a directory, a tar archive or a squashfs.")
        }
    }

    private static func reading<Value>(
        _ path: String, _ call: () throws(Errno) -> Value
    ) throws(Failure) -> Value {
        do throws(Errno) {
            return try call()
        } catch {
            throw .local("cannot read \(path): \(error)")
        }
    }
}
