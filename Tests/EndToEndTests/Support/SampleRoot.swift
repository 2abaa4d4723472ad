import Foundation

/// A root directory with busybox in it, and every form in which it can be imported.
struct SampleRoot {
    /// The forms, by how the names of their files end.
    enum Form: String, CaseIterable, Sendable {
        case directory, tar
        case gzip = "tar.gz"
        case xz = "tar.xz"
        case zstd = "tar.zst"
        case squashfs
    }

    private let directory: TemporaryDirectory
    private var path: String { directory.path("rootfs") }

    /// Makes the directory within another one.
    init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        let files = FileManager.default
        try files.createDirectory(atPath: "\(path)/bin", withIntermediateDirectories: true)
        try files.copyItem(atPath: "/usr/bin/busybox", toPath: "\(path)/bin/busybox")
        for name in ["sh", "cat", "id", "touch"] {
            try files.createSymbolicLink(
                atPath: "\(path)/bin/\(name)", withDestinationPath: "busybox")
        }
        try files.createDirectory(atPath: "\(path)/etc", withIntermediateDirectories: true)
        try Data("the base\n".utf8).write(to: URL(filePath: "\(path)/etc/motd"))
    }

    /// Where it is in one of its forms; packed by the host's own programs.
    func packed(as form: Form) throws -> String {
        let archive = directory.path("root.\(form.rawValue)")
        switch form {
        case .directory: return path
        case .squashfs: try run("/usr/bin/mksquashfs", [path, archive, "-quiet", "-no-progress"])
        case .tar, .gzip, .xz, .zstd:
            // It packs as the name of the file says.
            try run("/usr/bin/tar", ["-C", path, "-caf", archive, "."])
        }
        return archive
    }

    private func run(_ path: String, _ words: [String]) throws {
        let finished = try RunningProgram(Spawn(path: path, arguments: words)).finish()
        guard finished.code == 0 else { throw EndToEndFailure("\(finished)") }
    }
}
