package import Reactor

/// Files and watches.
extension SimulatedKernel {
    package func openFile(_ path: String, flags: OpenFlags, mode: UInt32) throws(Errno)
        -> OwnedDescriptor
    {
        owned(
            try call { (state) throws(Errno) in
                try state.openFile(path, flags: flags, mode: mode)
            })
    }

    package func makeSealedFile(_ name: String, containing bytes: [UInt8]) throws(Errno)
        -> OwnedDescriptor
    {
        owned(
            try call { (state) throws(Errno) in
                let inode = state.makeInode(.regular, mode: 0o777, at: nil)
                state.inodes[inode]?.bytes = bytes
                state.inodes[inode]?.isSealed = true
                state.inodes[inode]?.openCount = 1
                return try state.open(.file(inode))
            })
    }

    package func makeDirectory(_ path: String, mode: UInt32) throws(Errno) {
        try call { (state) throws(Errno) in try state.makeDirectory(path, mode: mode) }
    }

    package func removeFile(_ path: String) throws(Errno) {
        try call { (state) throws(Errno) in try state.removeFile(path) }
    }

    package func removeDirectory(_ path: String) throws(Errno) {
        try call { (state) throws(Errno) in try state.removeDirectory(path) }
    }

    package func rename(_ path: String, to newPath: String) throws(Errno) {
        try call { (state) throws(Errno) in try state.rename(path, to: newPath) }
    }

    package func status(of raw: Int32) throws(Errno) -> FileStatus {
        try call { (state) throws(Errno) in state.status(of: try state.inode(raw)) }
    }

    package func status(at path: String) throws(Errno) -> FileStatus {
        try call { (state) throws(Errno) in state.status(of: try state.inode(at: path)) }
    }

    /// As large as can be: what fills a simulated disk is a fault.
    package func fileSystemSize(at path: String) throws(Errno) -> UInt64 {
        UInt64(Int64.max)
    }

    package func readFileNow(
        _ raw: Int32, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        let count = bytes.count
        let read = try call { (state) throws(Errno) in
            try state.read(try state.inode(raw), at: offset, count)
        }
        bytes.copyBytes(from: read)
        return read.count
    }

    package func readFileCached(
        _ raw: Int32, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> Int {
        try call { (state) throws(Errno) in
            let faults = state.faults
            if state.random.happens(max(faults.uncachedReads, faults.slowReads)) { throw .again }
            if state.random.happens(faults.operationErrors) { throw .inputOutput }
        }
        return try readFileNow(raw, at: offset, into: bytes)
    }

    package func writeFileNow(
        _ raw: Int32, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
    ) throws(Errno) -> Int {
        let bytes = [UInt8](bytes)
        return try call { (state) throws(Errno) in
            // With O_APPEND the offset counts for nothing. pwrite(2), BUGS.
            let appends = state.file(raw).flags.contains(.append)
            return try state.write(bytes, to: try state.inode(raw), at: appends ? nil : offset)
        }
    }

    package func synchronize(_ raw: Int32) throws(Errno) {}

    package func synchronizeDirectory(_ path: String) throws(Errno) {
        try call { (state) throws(Errno) in
            guard !state.faults.unsynchronizable.contains(path) else { throw .inputOutput }
        }
    }

    /// The simulated machine has no block devices.
    package func mountImage(_ path: String, at directory: String) throws(Errno) {
        throw .notSupported
    }

    package func unmount(_ directory: String) throws(Errno) {
        try call { (state) throws(Errno) in
            state.note("\(directory) is to be unmounted")
            throw .invalidArgument
        }
    }

    package func lockExclusive(_ raw: Int32) throws(Errno) {
        try call { (state) throws(Errno) in try state.lock(raw) }
    }

    package func list(_ directory: String, _ take: (String) -> Void) throws(Errno) {
        let names = try call { (state) throws(Errno) in
            if directory == "/proc" { return state.processNames }
            let inode = try state.inode(at: directory)
            guard state.inodes[inode]?.kind == .directory else { throw .notDirectory }
            return state.list(directory)
        }
        for name in names { take(name) }
    }

    package func makeInotify() throws(Errno) -> OwnedDescriptor {
        owned(try call { (state) throws(Errno) in try state.open(.inotify(InotifyState())) })
    }

    package func addWatch(inotify: Int32, path: String, mask: WatchMask) throws(Errno)
        -> WatchDescriptor
    {
        try call { (state) throws(Errno) in
            try state.addWatch(inotify, path: path, mask: mask)
        }
    }

    package func removeWatch(inotify: Int32, _ watch: WatchDescriptor) throws(Errno) {
        try call { (state) throws(Errno) in try state.removeWatch(inotify, watch) }
    }
}
