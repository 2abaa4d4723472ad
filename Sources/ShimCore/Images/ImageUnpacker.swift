import CLinux
import Glibc
import ShimProtocol

/// Makes files of a tar archive, in the working directory.
///
/// It believes nothing of the archive. Where paths lead is not its worry alone: ``ImageCage`` has
/// made the directory the root of all that can be seen, so no link leads out of it.
struct ImageUnpacker {
    /// What an archive may come to.
    struct Bounds {
        /// On the disk, and in the archive itself when its compression is undone.
        let byteCountMax: UInt64
        let entryCountMax: UInt64
    }

    /// What each file takes at least: an inode and its name.
    private static let bytesPerEntry: UInt64 = 4096
    private static let bufferSize = 256 << 10

    private let bounds: Bounds
    private var reader: TarReader
    private var byteCount: UInt64 = 0
    private var entryCount: UInt64 = 0
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ source: @escaping TarReader.Source, bounds: Bounds) {
        reader = TarReader(source, byteCountMax: bounds.byteCountMax)
        self.bounds = bounds
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
    }

    /// Unpacks everything and puts it on the disk; what there is after a failure is of no use.
    ///
    /// To be called once.
    mutating func run() -> UnpackReport {
        defer { buffer.deallocate() }
        var path: [UInt8] = []
        do throws(TarReader.Problem) {
            while let entry = try reader.next() {
                path = entry.path
                try make(entry)
            }
            try reader.drain()
            guard entryCount > 0 else { return .refused(.empty, path: "") }
            path = []
            try synchronize()
            return .unpacked(byteCount: byteCount)
        } catch {
            return report(error, at: path)
        }
    }

    /// With one call for all files, syncfs(2).
    private func synchronize() throws(TarReader.Problem) {
        let root = try system { open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(root) }
        try system { clinux_synchronize_file_system(root) }
    }

    private func report(_ problem: TarReader.Problem, at path: [UInt8]) -> UnpackReport {
        switch problem {
        case .source(let error):
            .failed(errno: error.number, path: String(decoding: path, as: UTF8.self))
        case .archive(let failure):
            .refused(failure.fault, path: String(decoding: failure.path, as: UTF8.self))
        }
    }
}

// MARK: - Bounds

extension ImageUnpacker {
    /// Counts a file of that size, before it is made.
    private mutating func count(size: UInt64) throws(TarReader.Problem) {
        entryCount += 1
        guard entryCount <= bounds.entryCountMax else {
            throw .archive(TarFailure(.tooManyFiles))
        }
        let blocks = (size + Self.bytesPerEntry - 1) / Self.bytesPerEntry
        let needed = (blocks + 1).multipliedReportingOverflow(by: Self.bytesPerEntry)
        let (sum, overflow) = byteCount.addingReportingOverflow(needed.partialValue)
        guard !needed.overflow, !overflow, sum <= bounds.byteCountMax else {
            throw .archive(TarFailure(.tooLarge))
        }
        byteCount = sum
    }
}

// MARK: - Files

extension ImageUnpacker {
    private mutating func make(_ entry: TarEntry) throws(TarReader.Problem) {
        try count(size: entry.size)
        if entry.kind == .device { return }
        guard !entry.path.isEmpty else { return try makeRoot(entry) }
        try makeParents(of: entry.path)
        let path = entry.path.map(CChar.init(bitPattern:)) + [0]
        switch entry.kind {
        case .file: try makeFile(entry, at: path)
        case .directory: try makeDirectory(entry, at: path)
        case .symbolicLink(let target):
            try clear(path)
            let text = target.map(CChar.init(bitPattern:)) + [0]
            try system { symlink(text, path) }
            try system { lchown(path, entry.userID, entry.groupID) }
        case .hardLink(let file):
            try clear(path)
            let text = file.map(CChar.init(bitPattern:)) + [0]
            try system { linkat(AT_FDCWD, text, AT_FDCWD, path, 0) }
        case .namedPipe:
            try clear(path)
            try system { mkfifo(path, 0o600) }
            try settle(entry, at: path)
        case .device:
            break
        }
    }

    /// The root is there; only its permissions and its owner are the archive's.
    private func makeRoot(_ entry: TarEntry) throws(TarReader.Problem) {
        guard entry.kind == .directory else { throw .archive(TarFailure(.damaged)) }
        try settle(entry, at: Array(".".utf8CString))
    }

    /// Those that the archive only implies take as much as others: one path may have 2,047 of them.
    private mutating func makeParents(of path: [UInt8]) throws(TarReader.Problem) {
        for end in path.indices where path[end] == UInt8(ascii: "/") {
            let parent = path[..<end].map(CChar.init(bitPattern:)) + [0]
            guard access(parent, F_OK) != 0 else { continue }
            try count(size: 0)
            try system { mkdir(parent, 0o755) }
        }
    }

    private mutating func makeFile(
        _ entry: TarEntry, at path: [CChar]
    ) throws(TarReader.Problem) {
        try clear(path)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = try system { open(path, flags, 0o600) }
        defer { close(file) }
        while true {
            let count = try reader.readContent(into: buffer)
            guard count > 0 else { break }
            try write(count, to: file)
        }
        try system { fchown(file, entry.userID, entry.groupID) }
        // After the owner, for whose change the kernel takes permissions away; chown(2).
        try system { fchmod(file, mode_t(entry.mode)) }
        var times = Self.times(entry)
        try system { futimens(file, &times) }
    }

    private func write(_ count: Int, to file: Int32) throws(TarReader.Problem) {
        var written = 0
        while written < count {
            written += try system {
                Glibc.write(file, buffer.baseAddress.map { $0 + written }, count - written)
            }
        }
    }

    /// One that is there stays, with what is in it.
    private func makeDirectory(_ entry: TarEntry, at path: [CChar]) throws(TarReader.Problem) {
        var status = stat()
        let isThere = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        if !isThere {
            try clear(path)
            try system { mkdir(path, 0o700) }
        }
        try settle(entry, at: path)
    }

    /// What comes later in an archive takes the place of what came before.
    private func clear(_ path: [CChar]) throws(TarReader.Problem) {
        guard unlink(path) != 0 else { return }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        try system { rmdir(path) }
    }

    private func settle(_ entry: TarEntry, at path: [CChar]) throws(TarReader.Problem) {
        try system { lchown(path, entry.userID, entry.groupID) }
        try system { chmod(path, mode_t(entry.mode)) }
        var times = Self.times(entry)
        try system { utimensat(AT_FDCWD, path, &times, AT_SYMLINK_NOFOLLOW) }
    }

    /// Of the last access, and of the last change.
    private static func times(_ entry: TarEntry) -> [timespec] {
        let time = timespec(tv_sec: Int(entry.modifiedAt), tv_nsec: 0)
        return [time, time]
    }

    @discardableResult
    private func system<Value: SignedInteger>(
        _ call: () -> Value
    ) throws(TarReader.Problem) -> Value {
        do throws(SystemError) {
            return try retrying(call)
        } catch {
            throw .source(error)
        }
    }
}
