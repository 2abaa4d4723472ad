/// What never waits: every system call that answers at once, behind one seam.
///
/// `LinuxKernel` is the real body, the tests' simulated machine the other; nothing else touches the
/// system. A kernel holds nothing that belongs to the loop, so work on another thread may use it
/// too: creating and removing files belongs there, see ``WorkerKind/files``.
///
/// Every descriptor it makes is close-on-exec and, where that means anything, non-blocking.
package protocol Kernel: AnyObject, Sendable {
    // MARK: Time and chance

    /// CLOCK_MONOTONIC. Inside a turn ask ``Reactor/now`` instead, which costs nothing.
    var monotonicNow: Instant { get }
    /// How long this thread has had a processor; what waits for one costs others nothing.
    var processorTime: Duration { get }
    /// CLOCK_REALTIME.
    var wallClockNow: Timestamp { get }
    /// Random bytes fit for keys. getrandom(2).
    func fillRandom(_ count: Int) -> [UInt8]

    // MARK: Memory

    /// Gives pages in which nothing lies any more back to the system: for a worker, since it
    /// takes up to 22 ms for each 100 MiB, with the allocator locked. malloc_trim(3).
    func releaseFreeMemory()

    // MARK: Descriptors

    /// Closes. There is no error to handle: on Linux the number is free even after EINTR or EIO.
    func close(_ raw: Int32)
    /// A pipe. pipe2(2).
    func makePipe() throws(Errno) -> PipeEnds
    /// Two connected stream sockets. socketpair(2).
    func makeSocketPair() throws(Errno) -> SocketPair

    // MARK: Sockets

    /// A socket that listens; SO_REUSEADDR is set, so that a restart need not wait.
    func listen(on address: SocketAddress, backlog: Int32) throws(Errno) -> OwnedDescriptor
    /// The address a socket is bound to, with the port the kernel chose.
    func localAddress(of raw: Int32) throws(Errno) -> SocketAddress
    /// The address at the other end.
    func remoteAddress(of raw: Int32) throws(Errno) -> SocketAddress
    /// A socket to connect to an address of that family.
    func makeStreamSocket(for address: SocketAddress) throws(Errno) -> OwnedDescriptor
    /// Sends small segments at once. TCP_NODELAY, tcp(7); without effect on Unix-domain sockets.
    func setNoDelay(_ raw: Int32) throws(Errno)
    /// Counts as writable only below that many unsent bytes. TCP_NOTSENT_LOWAT, tcp(7).
    func setNotSentLowWater(_ raw: Int32, bytes: Int32) throws(Errno)
    /// What a socket has taken and the network has not, since the peer does not keep up; 0 where
    /// nobody can tell. SIOCOUTQNSD, tcp(7).
    func unsentByteCount(of raw: Int32) -> Int
    /// Tells the peer that nothing more will come. shutdown(2).
    func shutdownWrite(_ raw: Int32) throws(Errno)

    // MARK: Files

    /// Opens, and with ``OpenFlags/create`` makes, a file.
    func openFile(_ path: String, flags: OpenFlags, mode: UInt32) throws(Errno)
        -> OwnedDescriptor
    /// A file without a name that nobody can change any more, read from its beginning.
    func makeSealedFile(_ name: String, containing bytes: [UInt8]) throws(Errno) -> OwnedDescriptor
    /// Makes a directory.
    func makeDirectory(_ path: String, mode: UInt32) throws(Errno)
    /// Removes a name, not a directory. unlink(2).
    func removeFile(_ path: String) throws(Errno)
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(Errno)
    /// Gives a file another name, replacing what has that name.
    func rename(_ path: String, to newPath: String) throws(Errno)
    /// What a descriptor refers to.
    func status(of raw: Int32) throws(Errno) -> FileStatus
    /// What a path refers to; a symbolic link is followed.
    func status(at path: String) throws(Errno) -> FileStatus
    /// How many bytes the file system of a path holds, free or not. statvfs(3).
    func fileSystemSize(at path: String) throws(Errno) -> UInt64
    /// Reads a few bytes, a header for instance, that are in the page cache as good as always.
    func readFileNow(
        _ raw: Int32, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int
    /// Reads what is in the page cache, without ever waiting for the disk: ``Errno/again`` if the
    /// first byte is not, or nobody can tell. preadv2(2), RWF_NOWAIT.
    func readFileCached(
        _ raw: Int32, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int
    /// Writes a few bytes; answers how many. Longer writes belong to a worker.
    func writeFileNow(
        _ raw: Int32, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
    ) throws(Errno) -> Int
    /// Puts what was written on the disk. It may take long: only from a worker. fdatasync(2).
    func synchronize(_ raw: Int32) throws(Errno)
    /// Puts the names in a directory on the disk: only from a worker. fsync(2).
    func synchronizeDirectory(_ path: String) throws(Errno)
    /// Locks the open file for as long as any copy of the descriptor lives; ``Errno/again`` when
    /// somebody else holds it. flock(2).
    func lockExclusive(_ raw: Int32) throws(Errno)
    /// Tells `take` each name in a directory, without `.` and `..`, in no order.
    func list(_ directory: String, _ take: (String) -> Void) throws(Errno)

    // MARK: Mounting

    /// Mounts a file that holds a squashfs, read-only, through a loop device that goes with the
    /// mount. mount(2), loop(4).
    func mountImage(_ path: String, at directory: String) throws(Errno)
    /// Takes away what is mounted on a directory; who holds it keeps it. umount2(2), MNT_DETACH.
    func unmount(_ directory: String) throws(Errno)

    // MARK: Networks

    /// Hands messages to the kernel and answers its answers: for a worker, because whoever changes
    /// a network waits for others who do. netlink(7).
    func exchangeNetlink(family: Int32, _ request: [UInt8]) throws(Errno) -> [UInt8]

    // MARK: Watching files

    /// A descriptor that tells about changes of files. inotify(7).
    func makeInotify() throws(Errno) -> OwnedDescriptor
    /// Watches a path; watching the same file again changes its watch and answers the same one.
    func addWatch(inotify: Int32, path: String, mask: WatchMask) throws(Errno) -> WatchDescriptor
    /// Ends a watch; an ``WatchMask/ignored`` event follows.
    func removeWatch(inotify: Int32, _ watch: WatchDescriptor) throws(Errno)

    // MARK: Processes

    /// Starts a program with default signal dispositions and nothing blocked.
    func spawn(_ spawn: ProcessSpawn) throws(Errno) -> SpawnedProcess
    /// A handle of a running process. The caller has made sure that the number is still its.
    func openProcess(_ pid: Int32) throws(Errno) -> OwnedDescriptor
    /// Sends a signal, with `value` as the number that comes along. pidfd_send_signal(2).
    func signal(_ pidfd: Int32, _ number: Int32, value: Int32?) throws(Errno)
    /// Collects exactly this child if it has ended; nil while it runs. waitid(2), P_PIDFD.
    func reap(_ pidfd: Int32) throws(Errno) -> WaitStatus?
    /// Blocks these signals in this thread and makes a descriptor to read them from. signalfd(2).
    func makeSignalDescriptor(_ numbers: [Int32]) throws(Errno) -> OwnedDescriptor
}

extension Kernel {
    /// The names in a directory, without `.` and `..`, in no order.
    package func list(_ directory: String) throws(Errno) -> [String] {
        var names: [String] = []
        try list(directory) { names.append($0) }
        return names
    }

    /// Opens a file; one that it makes is for its owner only.
    package func openFile(_ path: String, flags: OpenFlags) throws(Errno) -> OwnedDescriptor {
        try openFile(path, flags: flags, mode: 0o600)
    }
}
