import CLinux
import Glibc
import ShimProtocol

/// Makes a job's root directory and enters it, in a mount namespace of its own.
///
/// Three steps, and their order is what makes it safe. What is the host's is taken hold of while
/// the host can still be seen. Then the new root is entered and the old one let go. Only then is
/// anything put in its place: an image may hold any link, and from inside it cannot lead out.
struct RootBuilder {
    /// Where the new root is made: a directory that every host has, file-hierarchy(7), and that is
    /// covered for nobody but the caller.
    private static let stage = "/tmp"
    /// Inodes of a tmpfs are memory, too.
    private static let bytesPerInode: UInt64 = 4096
    /// No file of the host that is copied is longer.
    private static let copySizeMax = 1 << 20

    let layout: SandboxLayout
    let scratchBytes: UInt64
    /// The mount of the image, if there is one.
    let base: Int32?

    /// What an entry has become while the host could be seen.
    private enum Held {
        case itself(RootEntry)
        /// An open file of the host's, which is to be copied.
        case file(Int32, size: Int, at: String)
        case mount(Int32, at: String)
        /// One that makes the directory it lies on.
        case ownMount(Int32, at: String)
    }

    func build() throws(StartFailure) {
        try makeStage()
        var held: [Held] = []
        for (number, entry) in layout.entries.enumerated() {
            if let thing = try hold(entry, number) { held.append(thing) }
        }
        let root = try makeRoot()
        try at(.namespaces, "entering the root") { clinux_enter_root() }
        for thing in held { try place(thing) }
        // Last, because a root that is read-only takes nothing.
        try at(.namespaces, "protecting the root") {
            clinux_restrict_mount(root, layout.restrictions.rawValue, 0)
        }
        close(root)
    }
}

// MARK: - The stage

extension RootBuilder {
    private func makeStage() throws(StartFailure) {
        let inodes = max(scratchBytes / Self.bytesPerInode, 1024)
        let scratch = RootEntry.FileSystem(
            "tmpfs",
            [
                RootEntry.FileSystem.Option("size", "\(scratchBytes)"),
                RootEntry.FileSystem.Option("nr_inodes", "\(inodes)"),
                RootEntry.FileSystem.Option("mode", "0755"),
            ])
        let mount = try make(scratch, [.noSetUserID, .noDevices])
        defer { close(mount) }
        try at(.namespaces, "mounting the scratch space") { clinux_place_mount(mount, Self.stage) }
        try at(.namespaces, "entering the scratch space") { chdir(Self.stage) }
        try at(.namespaces, "making the root") { mkdir("root", 0o755) }
    }

    /// The mount that becomes the root; the caller stands in it.
    private func makeRoot() throws(StartFailure) -> Int32 {
        let root = try layout.isImage ? makeOverlay() : copyMount("root", recursive: 0)
        try at(.namespaces, "mounting the root") { clinux_place_mount(root, "root") }
        try at(.namespaces, "entering the root") { chdir("root") }
        return root
    }

    /// Changes lie in memory, and end with the last process that has the mount.
    ///
    /// `userxattr` is what a user namespace can have; kernel documentation, overlayfs.rst.
    private func makeOverlay() throws(StartFailure) -> Int32 {
        guard let base else { preconditionFailure("an image without a mount") }
        for name in ["base", "upper", "work"] {
            try at(.namespaces, "making \(name)") { mkdir(name, 0o755) }
        }
        try at(.namespaces, "mounting the image") { clinux_place_mount(base, "base") }
        return try make(
            RootEntry.FileSystem(
                "overlay",
                [
                    RootEntry.FileSystem.Option("lowerdir", "\(Self.stage)/base"),
                    RootEntry.FileSystem.Option("upperdir", "\(Self.stage)/upper"),
                    RootEntry.FileSystem.Option("workdir", "\(Self.stage)/work"),
                    RootEntry.FileSystem.Option("userxattr"),
                ]),
            [])
    }
}

// MARK: - The entries

extension RootBuilder {
    /// Takes what an entry needs of the host; nil if it is one that need not be there.
    private func hold(_ entry: RootEntry, _ number: Int) throws(StartFailure) -> Held? {
        switch entry {
        case .directory, .link, .file:
            return .itself(entry)
        case .copy(let source, let path):
            return openPublic(source).map { .file($0.file, size: $0.size, at: path) }
        case .tree(let source, let path, let restrictions):
            let mount = try copyMount(source, recursive: 1)
            try at(.namespaces, "protecting \(source)") {
                clinux_restrict_mount(mount, restrictions.rawValue, 1)
            }
            return .mount(mount, at: path)
        case .scratch(let path, let mode, let restrictions):
            let name = "\(number)"
            try at(.namespaces, "making /\(path)") { mkdir(name, 0o700) }
            try at(.namespaces, "making /\(path)") { chmod(name, mode_t(mode)) }
            let mount = try copyMount(name, recursive: 0)
            try at(.namespaces, "protecting /\(path)") {
                clinux_restrict_mount(mount, restrictions.rawValue, 0)
            }
            return .ownMount(mount, at: path)
        case .fileSystem(let fileSystem, let path, let restrictions):
            return .ownMount(try make(fileSystem, restrictions), at: path)
        }
    }

    private func place(_ thing: Held) throws(StartFailure) {
        switch thing {
        case .itself(.directory(let path, let mode)):
            try makeDirectory(path, mode)
        case .itself(.link(let path, let target)):
            try at(.namespaces, "linking /\(path)") { symlink(target, path) }
        case .itself(.file(let path, let contents)):
            try makeFile(path, contents)
        case .itself:
            preconditionFailure("an entry that had to be held")
        case .file(let source, let size, let path):
            try copyFile(source, size, to: path)
        case .mount(let mount, let path):
            try place(mount, at: path)
        case .ownMount(let mount, let path):
            try makeDirectory(path, 0o755)
            try place(mount, at: path)
        }
    }

    private func place(_ mount: Int32, at path: String) throws(StartFailure) {
        defer { close(mount) }
        try at(.namespaces, "mounting /\(path)") { clinux_place_mount(mount, path) }
    }

    /// One that is there stays as it is: an image's.
    private func makeDirectory(_ path: String, _ mode: UInt32) throws(StartFailure) {
        try at(.namespaces, "making /\(path)") {
            guard mkdir(path, 0o700) == 0 else { return isDirectory(path) ? 0 : -1 }
            return chmod(path, mode_t(mode))
        }
    }

    private func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func makeFile(_ path: String, _ contents: String) throws(StartFailure) {
        let file = try createFile(path)
        defer { close(file) }
        let count = contents.utf8.count
        try at(.namespaces, "writing /\(path)") { () -> Int32 in
            write(file, contents, count) == count ? 0 : -1
        }
    }

    /// The kernel copies by itself; all memory that is touched here stays the first process's.
    private func copyFile(_ source: Int32, _ size: Int, to path: String) throws(StartFailure) {
        defer { close(source) }
        let file = try createFile(path)
        defer { close(file) }
        var count = 0
        while count < size {
            var chunk = 0
            try at(.namespaces, "copying /\(path)") { () -> Int32 in
                chunk = sendfile(file, source, nil, size - count)
                return Int32(truncatingIfNeeded: min(chunk, 0))
            }
            // Somebody has made it shorter.
            guard chunk > 0 else { return }
            count += chunk
        }
    }

    private func createFile(_ path: String) throws(StartFailure) -> Int32 {
        unlink(path)
        var file: Int32 = -1
        try at(.namespaces, "making /\(path)") {
            file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            return file
        }
        return file
    }

    /// Nil if it is missing, or not for everybody to read, or no plain file of a sane size.
    ///
    /// The caller is no user of the host, so the kernel decides who may read it.
    private func openPublic(_ path: String) -> (file: Int32, size: Int)? {
        guard let file = try? retrying({ open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }) else {
            return nil
        }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= Self.copySizeMax
        else {
            close(file)
            return nil
        }
        return (file, Int(status.st_size))
    }
}

// MARK: - Mounts

extension RootBuilder {
    private func copyMount(_ path: String, recursive: Int32) throws(StartFailure) -> Int32 {
        var mount: Int32 = -1
        try at(.namespaces, "taking \(path)") {
            mount = clinux_copy_mount(path, recursive)
            return mount
        }
        return mount
    }

    private func make(
        _ fileSystem: RootEntry.FileSystem, _ restrictions: MountRestrictions
    ) throws(StartFailure) -> Int32 {
        var mount: Int32 = -1
        try at(.namespaces, "making a file system, \(fileSystem.type)") {
            let context = clinux_open_file_system(fileSystem.type)
            guard context >= 0 else { return -1 }
            defer { close(context) }
            for option in fileSystem.options
            where clinux_set_option(context, option.key, option.value) != 0 {
                return -1
            }
            mount = clinux_make_mount(context, restrictions.rawValue)
            return mount
        }
        return mount
    }
}
