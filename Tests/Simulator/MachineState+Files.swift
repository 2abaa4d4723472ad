import Reactor

/// Names a file or directory.
struct InodeID: Hashable, Sendable {
    let number: Int
    init(_ number: Int) { self.number = number }
}

/// A file or directory, apart from its names.
struct Inode: Sendable {
    var kind: FileKind
    var mode: UInt32
    var bytes: [UInt8] = []
    /// Space up to here is set aside; fallocate(2), FALLOC_FL_KEEP_SIZE.
    var reservedEnd = 0
    /// So much of its front was given back.
    var punchedCount = 0
    var links = 1
    /// How many descriptions of it are open: a file without names lives as long as one of them.
    var openCount = 0
    /// Nobody may change it any more; fcntl(2), F_SEAL_WRITE.
    var isSealed = false
    /// What it is of a control group, if it is.
    var controlGroupFile: ControlGroupFileName?
    /// Who holds its lock, as flock(2) has it.
    var lock: FileID?
}

/// The file system: one flat table of absolute paths.
extension MachineState {
    mutating func makeRoot() {
        for path in ["/", "/dev", "/tmp"] { _ = makeInode(.directory, mode: 0o755, at: path) }
        _ = makeInode(.characterDevice, mode: 0o666, at: "/dev/null")
    }

    mutating func makeInode(_ kind: FileKind, mode: UInt32, at path: String?) -> InodeID {
        let id = InodeID(makeID())
        inodes[id] = Inode(kind: kind, mode: mode, links: path == nil ? 0 : 1)
        if let path { names[path] = id }
        return id
    }

    func inode(at path: String) throws(Errno) -> InodeID {
        guard let id = names[path] else { throw .noEntry }
        return id
    }

    /// The file or directory a descriptor has open.
    func inode(_ raw: Int32) throws(Errno) -> InodeID {
        guard case .file(let id) = file(raw).kind else { throw .invalidArgument }
        return id
    }

    mutating func openFile(_ path: String, flags: OpenFlags, mode: UInt32) throws(Errno) -> Int32 {
        if let content = procfsContent(at: path) { return try open(content) }
        if names[path] != nil, flags.contains([.create, .exclusive]) { throw .exists }
        let id: InodeID
        if let old = names[path] {
            id = old
        } else {
            id = try make(path, flags: flags, mode: mode)
        }
        guard let found = inodes[id] else { preconditionFailure("a name without a file") }
        if flags.contains(.directory), found.kind != .directory { throw .notDirectory }
        let writes = !flags.isDisjoint(with: [.writeOnly, .readWrite])
        if writes, found.kind == .directory { throw .isDirectory }
        inodes[id]?.openCount += 1
        let raw = try open(.file(id), flags: flags)
        if flags.contains(.truncate) { truncate(id, to: 0) }
        return raw
    }

    private mutating func make(_ path: String, flags: OpenFlags, mode: UInt32) throws(Errno)
        -> InodeID
    {
        guard flags.contains(.create) else { throw .noEntry }
        try checkParent(of: path)
        let id = makeInode(.regular, mode: mode, at: path)
        notifyParent(of: path, .created)
        return id
    }

    /// Opens a file that has a content and no name.
    private mutating func open(_ content: [UInt8]) throws(Errno) -> Int32 {
        let id = makeInode(.regular, mode: 0o444, at: nil)
        inodes[id]?.bytes = content
        inodes[id]?.openCount = 1
        return try open(.file(id))
    }

    private func checkParent(of path: String) throws(Errno) {
        guard let parent = inodes[try inode(at: Self.parent(of: path))] else { throw .noEntry }
        guard parent.kind == .directory else { throw .notDirectory }
    }

    static func parent(of path: String) -> String {
        let components = path.split(separator: "/").dropLast()
        return "/" + components.joined(separator: "/")
    }

    mutating func makeDirectory(_ path: String, mode: UInt32) throws(Errno) {
        guard names[path] == nil else { throw .exists }
        try checkParent(of: path)
        _ = makeInode(.directory, mode: mode, at: path)
        if isInHierarchy(path) { addFiles(to: path) }
        notifyParent(of: path, .created)
    }

    mutating func removeFile(_ path: String) throws(Errno) {
        let id = try inode(at: path)
        if inodes[id]?.kind == .directory { throw .isDirectory }
        unlink(path, id)
    }

    mutating func removeDirectory(_ path: String) throws(Errno) {
        let id = try inode(at: path)
        guard inodes[id]?.kind == .directory else { throw .notDirectory }
        if isInHierarchy(path) {
            try checkRemoval(ofGroup: path)
            for name in list(path) { try removeFile("\(path)/\(name)") }
        }
        guard list(path).isEmpty else { throw .directoryNotEmpty }
        unlink(path, id)
    }

    mutating func rename(_ path: String, to newPath: String) throws(Errno) {
        let id = try inode(at: path)
        try checkParent(of: newPath)
        if let replaced = names[newPath], replaced != id { unlink(newPath, replaced) }
        names[path] = nil
        names[newPath] = id
        notify(id, .selfMoved)
        notifyParent(of: path, .removed)
        notifyParent(of: newPath, .created)
    }

    private mutating func unlink(_ path: String, _ id: InodeID) {
        names[path] = nil
        inodes[id]?.links -= 1
        notify(id, .attributesChanged)
        notifyParent(of: path, .removed)
        forgetIfUnused(id)
    }

    mutating func closeInode(_ id: InodeID) {
        inodes[id]?.openCount -= 1
        forgetIfUnused(id)
    }

    private mutating func forgetIfUnused(_ id: InodeID) {
        guard let inode = inodes[id], inode.links == 0, inode.openCount == 0 else { return }
        notify(id, .selfRemoved)
        endWatches(of: id)
        inodes[id] = nil
    }

    /// In no order that anybody could rely on, but the same one each time.
    func list(_ directory: String) -> [String] {
        let prefix = directory == "/" ? "/" : directory + "/"
        return names.keys.sorted().compactMap { path in
            guard path.hasPrefix(prefix), path != prefix else { return nil }
            let rest = path.dropFirst(prefix.count)
            return rest.contains("/") ? nil : String(rest)
        }
    }

    func status(of id: InodeID) -> FileStatus {
        guard let inode = inodes[id] else { preconditionFailure("status of a file that is gone") }
        return FileStatus(
            size: UInt64(inode.bytes.count), device: 1, inode: UInt64(id.number),
            links: UInt64(inode.links), kind: inode.kind, mode: inode.mode, uid: 0,
            allocatedSize: UInt64(max(0, inode.bytes.count - inode.punchedCount)))
    }

    // MARK: Contents

    /// Reads at an absolute offset; none are the end of the file.
    mutating func read(_ id: InodeID, at offset: UInt64, _ count: Int) throws(Errno) -> [UInt8] {
        let isOfGroup = inodes[id]?.controlGroupFile != nil
        if !isOfGroup, random.happens(faults.readErrors) { throw .inputOutput }
        guard let bytes = inodes[id]?.bytes, offset < UInt64(bytes.count) else { return [] }
        let available = min(count, bytes.count - Int(offset))
        let end = Int(offset) + shortened(available, by: faults.shortReads)
        return Array(bytes[Int(offset)..<end])
    }

    /// Writes at an offset, or at the end; bytes between the end and the offset read as zeros.
    mutating func write(_ bytes: [UInt8], to id: InodeID, at offset: UInt64?) throws(Errno) -> Int {
        guard let inode = inodes[id] else { preconditionFailure("writes to a file that is gone") }
        if inode.kind == .characterDevice { return bytes.count }
        if inode.isSealed { throw .notPermitted }
        if let file = inode.controlGroupFile {
            try write(String(decoding: bytes, as: UTF8.self), to: file)
            return bytes.count
        }
        if random.happens(faults.writeErrors) { throw .inputOutput }
        let start = offset.map { Int($0) } ?? inode.bytes.count
        let room = inode.allocatedEnd + freeBytes - start
        guard bytes.isEmpty || room > 0 else { throw .noSpace }
        let part = bytes.prefix(shortened(min(bytes.count, room), by: faults.shortWrites))
        inodes[id]?.put(part, at: start)
        if !part.isEmpty { notify(id, .modified) }
        return part.count
    }

    /// Sets space aside without changing the file's size.
    mutating func reserve(_ count: Int, in id: InodeID, at offset: UInt64) throws(Errno) {
        guard let inode = inodes[id] else { preconditionFailure("reserves for what is gone") }
        let end = Int(offset) + count
        guard end - inode.allocatedEnd <= freeBytes else { throw .noSpace }
        inodes[id]?.reservedEnd = max(inode.reservedEnd, end)
    }

    /// Gives the space of a part of a file back; fallocate(2), FALLOC_FL_PUNCH_HOLE.
    mutating func punch(_ range: Range<UInt64>, of id: InodeID) throws(Errno) {
        guard let inode = inodes[id] else { preconditionFailure("punches what is gone") }
        if !faults.canPunch { throw .notSupported }
        if random.happens(faults.writeErrors) { throw .inputOutput }
        let end = min(Int(range.upperBound), inode.bytes.count)
        guard Int(range.lowerBound) < end else { return }
        for place in Int(range.lowerBound)..<end { inodes[id]?.bytes[place] = 0 }
        let count = end - Int(range.lowerBound)
        inodes[id]?.punchedCount = max(inode.punchedCount, count)
        notify(id, .modified)
    }

    private var freeBytes: Int {
        guard faults.diskBytesMax < .max else { return .max / 4 }
        return max(0, faults.diskBytesMax - diskBytesUsed)
    }

    /// How many bytes of the disk are taken.
    var diskBytesUsed: Int {
        inodes.values.reduce(0) { $0 + $1.allocatedEnd - $1.punchedCount }
    }

    mutating func truncate(_ id: InodeID, to size: Int) {
        guard let count = inodes[id]?.bytes.count, count != size else { return }
        if size < count {
            inodes[id]?.bytes.removeSubrange(size..<count)
            inodes[id]?.punchedCount = 0
        } else {
            inodes[id]?.bytes += [UInt8](repeating: 0, count: size - count)
        }
        notify(id, .modified)
    }

    // MARK: Locks

    mutating func lock(_ raw: Int32) throws(Errno) {
        let (id, new) = (try inode(raw), fileID(raw))
        let holder = inodes[id]?.lock
        guard holder == nil || holder == new else { throw .again }
        inodes[id]?.lock = new
    }

    /// The lock belongs to the description: it ends with its last descriptor in any process.
    mutating func unlock(_ holder: FileID, _ file: OpenFile) {
        guard case .file(let id) = file.kind, inodes[id]?.lock == holder else { return }
        inodes[id]?.lock = nil
    }
}

extension Inode {
    /// Up to here the disk has room for it.
    fileprivate var allocatedEnd: Int { max(bytes.count, reservedEnd) }

    /// Bytes between the end and the offset read as zeros.
    fileprivate mutating func put(_ part: ArraySlice<UInt8>, at start: Int) {
        let end = start + part.count
        if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
        bytes.replaceSubrange(start..<end, with: part)
    }
}
