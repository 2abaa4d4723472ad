import CLinux
import Glibc

extension LinuxKernel {
    package func openFile(_ path: String, flags: OpenFlags, mode: UInt32) throws(Errno)
        -> OwnedDescriptor
    {
        owned(try retrying("open") { unsafe open(path, flags.rawValue | O_CLOEXEC, mode) })
    }

    package func makeSealedFile(_ name: String, containing bytes: [UInt8]) throws(Errno)
        -> OwnedDescriptor
    {
        let file = owned(try retrying("memfd_create") { unsafe clinux_memory_file(name) })
        var written = 0
        while written < bytes.count {
            written += try writeSlice(of: bytes, from: written, to: file.raw)
        }
        _ = try retrying("fcntl") { clinux_seal(file.raw) }
        return file
    }

    /// At an absolute offset, so that the position stays at the beginning for the reader.
    private func writeSlice(of bytes: [UInt8], from start: Int, to raw: Int32) throws(Errno) -> Int
    {
        try retrying("pwrite") {
            unsafe bytes.withUnsafeBytes {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: $0.dropFirst(start))
                return unsafe pwrite(raw, rest.baseAddress, rest.count, start)
            }
        }
    }

    package func makeDirectory(_ path: String, mode: UInt32) throws(Errno) {
        _ = try retrying("mkdir") { unsafe mkdir(path, mode) }
    }

    package func removeFile(_ path: String) throws(Errno) {
        _ = try retrying("unlink") { unsafe unlink(path) }
    }

    package func removeDirectory(_ path: String) throws(Errno) {
        _ = try retrying("rmdir") { unsafe rmdir(path) }
    }

    package func rename(_ path: String, to newPath: String) throws(Errno) {
        _ = try retrying("rename") { unsafe Glibc.rename(path, newPath) }
    }

    package func status(of raw: Int32) throws(Errno) -> FileStatus {
        var status = stat()
        _ = try retrying("fstat") { unsafe fstat(raw, &status) }
        return FileStatus(status)
    }

    package func status(at path: String) throws(Errno) -> FileStatus {
        var status = stat()
        _ = try retrying("stat") { unsafe stat(path, &status) }
        return FileStatus(status)
    }

    package func fileSystemSize(at path: String) throws(Errno) -> UInt64 {
        var status = statvfs()
        _ = try retrying("statvfs") { unsafe statvfs(path, &status) }
        return UInt64(status.f_blocks) * UInt64(status.f_frsize)
    }

    package func readFileNow(
        _ raw: Int32, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        try retrying("pread") { unsafe pread(raw, bytes.baseAddress, bytes.count, off_t(offset)) }
    }

    package func readFileCached(
        _ raw: Int32, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        do throws(Errno) {
            return try retrying("preadv2") {
                unsafe clinux_read_cached(raw, bytes.baseAddress, bytes.count, Int64(offset))
            }
        } catch .notSupported {
            // Some file systems do not know RWF_NOWAIT at all.
            throw .again
        }
    }

    package func writeFileNow(
        _ raw: Int32, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
    ) throws(Errno) -> Int {
        try retrying("pwrite") { unsafe pwrite(raw, bytes.baseAddress, bytes.count, off_t(offset)) }
    }

    package func synchronize(_ raw: Int32) throws(Errno) {
        _ = try retrying("fdatasync") { fdatasync(raw) }
    }

    package func synchronizeDirectory(_ path: String) throws(Errno) {
        let directory = try openFile(path, flags: [.readOnly, .directory])
        _ = try retrying("fsync") { fsync(directory.raw) }
    }

    package func mountImage(_ path: String, at directory: String) throws(Errno) {
        _ = try retrying("mount") { unsafe clinux_mount_squashfs(path, directory) }
    }

    package func unmount(_ directory: String) throws(Errno) {
        _ = try retrying("umount2") { unsafe clinux_detach_mount(directory) }
    }

    package func lockExclusive(_ raw: Int32) throws(Errno) {
        _ = try retrying("flock") { flock(raw, LOCK_EX | LOCK_NB) }
    }

    package func list(_ directory: String, _ take: (String) -> Void) throws(Errno) {
        let stream = try unsafe pointer("opendir") { unsafe opendir(directory) }
        defer { unsafe closedir(stream) }
        while let entry = try unsafe pointerOrEnd("readdir", { unsafe readdir(stream) }) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { take(name) }
        }
    }
}

extension FileStatus {
    fileprivate init(_ status: stat) {
        self.init(
            size: UInt64(status.st_size), device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino), links: UInt64(status.st_nlink),
            kind: FileKind(mode: status.st_mode), mode: status.st_mode & 0o7777,
            uid: status.st_uid, referred: FileStatus.DeviceNumbers(status.st_rdev),
            allocatedSize: UInt64(status.st_blocks) * FileStatus.blockSize)
    }

    /// What st_blocks counts in, inode(7).
    private static var blockSize: UInt64 { 512 }
}

extension FileStatus.DeviceNumbers {
    /// Takes apart what glibc has put together, sysmacros.h.
    fileprivate init(_ number: dev_t) {
        let high = number >> 32 & 0xFFFF_F000
        self.init(
            major: UInt32(truncatingIfNeeded: high | number >> 8 & 0xFFF),
            minor: UInt32(truncatingIfNeeded: number >> 12 & 0xFFFF_FF00 | number & 0xFF))
    }
}

extension FileKind {
    /// The kind within the mode bits of inode(7).
    init(mode: UInt32) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symbolicLink
        case S_IFIFO: self = .pipe
        case S_IFSOCK: self = .socket
        case S_IFCHR: self = .characterDevice
        case S_IFBLK: self = .blockDevice
        default: self = .other
        }
    }
}
