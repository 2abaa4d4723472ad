import Glibc

/// How ``Kernel/openFile(_:flags:mode:)`` opens; close-on-exec is always set.
package struct OpenFlags: OptionSet, Hashable, Sendable {
    /// The bits of open(2).
    package let rawValue: Int32

    /// Wraps bits of open(2).
    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Reads only, which is the absence of the other two.
    package static let readOnly = OpenFlags([])
    /// Writes only.
    package static let writeOnly = OpenFlags(rawValue: O_WRONLY)
    /// Reads and writes.
    package static let readWrite = OpenFlags(rawValue: O_RDWR)
    /// Makes the file when it is not there.
    package static let create = OpenFlags(rawValue: O_CREAT)
    /// Together with `create`: fails when it is there.
    package static let exclusive = OpenFlags(rawValue: O_EXCL)
    /// Every write goes to the end.
    package static let append = OpenFlags(rawValue: O_APPEND)
    /// Empties the file.
    package static let truncate = OpenFlags(rawValue: O_TRUNC)
    /// Refuses a symbolic link as the last component.
    package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    /// Refuses anything but a directory.
    package static let directory = OpenFlags(rawValue: O_DIRECTORY)
    /// Does not wait for the other end of a FIFO.
    package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
}

/// What a descriptor or a path refers to.
package enum FileKind: Hashable, Sendable {
    /// Plain bytes on a disk.
    case regular
    /// A directory.
    case directory
    /// A symbolic link.
    case symbolicLink
    /// A pipe or FIFO.
    case pipe
    /// A socket.
    case socket
    /// A terminal or another character device.
    case characterDevice
    /// A disk.
    case blockDevice
    /// None of these: anonymous inodes such as an epoll instance.
    case other
}

/// What stat(2) knows, as far as this project asks.
package struct FileStatus: Hashable, Sendable {
    /// Bytes from the beginning to the end.
    package var size: UInt64
    /// Bytes that it takes of the disk: fewer where it has holes, more to the end of a block.
    package var allocatedSize: UInt64
    /// The file system; together with the inode it names the file.
    package var device: UInt64
    /// The file within its file system.
    package var inode: UInt64
    /// How many names it has; 0 after the last one was removed.
    package var links: UInt64
    /// What it is.
    package var kind: FileKind
    /// The permission bits, `0o600`.
    package var mode: UInt32
    /// Who owns it.
    package var uid: UInt32
    /// What a device's file stands for; without a meaning for other files.
    package var referred: DeviceNumbers

    /// The two numbers of a device, makedev(3).
    package struct DeviceNumbers: Hashable, Sendable {
        /// Its kind, or rather its driver.
        package var major: UInt32
        /// Which of that kind.
        package var minor: UInt32

        /// Puts the numbers together.
        package init(major: UInt32, minor: UInt32) {
            self.major = major
            self.minor = minor
        }
    }

    /// Puts a status together.
    package init(
        size: UInt64, device: UInt64, inode: UInt64, links: UInt64, kind: FileKind, mode: UInt32,
        uid: UInt32, referred: DeviceNumbers = DeviceNumbers(major: 0, minor: 0),
        allocatedSize: UInt64? = nil
    ) {
        self.size = size
        self.allocatedSize = allocatedSize ?? size
        self.device = device
        self.inode = inode
        self.links = links
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.referred = referred
    }
}
