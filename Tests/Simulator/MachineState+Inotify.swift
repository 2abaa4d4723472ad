import Reactor

/// One inotify descriptor: what it watches and what it has to tell.
struct InotifyState: Sendable {
    struct Watch: Sendable {
        var inode: InodeID
        var mask: WatchMask
    }

    var watches: [WatchDescriptor: Watch] = [:]
    var queue: [InotifyEvent] = []
    private var lastWatch: Int32 = 0

    /// Watches a file, or changes how it is watched already.
    mutating func add(_ inode: InodeID, _ mask: WatchMask) -> WatchDescriptor {
        let merged = mask.subtracting(.adding)
        if let (watch, old) = watches.first(where: { $0.value.inode == inode }) {
            watches[watch]?.mask = mask.contains(.adding) ? old.mask.union(merged) : merged
            return watch
        }
        lastWatch += 1
        let watch = WatchDescriptor(rawValue: lastWatch)
        watches[watch] = Watch(inode: inode, mask: merged)
        return watch
    }

    mutating func remove(_ watch: WatchDescriptor, room: Int) {
        watches[watch] = nil
        enqueue(InotifyEvent(watch: watch, mask: .ignored), room: room)
    }

    /// Tells of something that happened to a file.
    mutating func tell(_ inode: InodeID, _ what: WatchMask, name: [UInt8], room: Int) {
        for (watch, state) in watches where state.inode == inode && state.mask.contains(what) {
            enqueue(InotifyEvent(watch: watch, mask: what, name: name), room: room)
            if state.mask.contains(.oneShot) { remove(watch, room: room) }
        }
    }

    /// An event like the newest one is merged with it; without room the last one says so.
    private mutating func enqueue(_ event: InotifyEvent, room: Int) {
        guard queue.last != event else { return }
        let overflow = InotifyEvent(watch: WatchDescriptor(rawValue: -1), mask: .overflow)
        if queue.count < room {
            queue.append(event)
        } else if queue.last != overflow {
            queue.append(overflow)
        }
    }

    /// The events in the kernel's form, as many as fit.
    mutating func takeRecords(atMost limit: Int) throws(Errno) -> [UInt8] {
        guard let first = queue.first else { throw .again }
        guard first.record.count <= limit else { throw .invalidArgument }
        var records: [UInt8] = []
        while let event = queue.first, records.count + event.record.count <= limit {
            records += event.record
            queue.removeFirst()
        }
        return records
    }
}

/// Watching files.
extension MachineState {
    mutating func addWatch(_ raw: Int32, path: String, mask: WatchMask) throws(Errno)
        -> WatchDescriptor
    {
        let inode = try target(of: path)
        return try changeInotify(raw) { state, _ in state.add(inode, mask) }
    }

    /// The file that a path leads to, also one below /proc/self/fd.
    private func target(of path: String) throws(Errno) -> InodeID {
        let folder = "/proc/self/fd/"
        guard path.hasPrefix(folder), let raw = Int32(path.dropFirst(folder.count)) else {
            return try inode(at: path)
        }
        return try inode(raw)
    }

    mutating func removeWatch(_ raw: Int32, _ watch: WatchDescriptor) throws(Errno) {
        try changeInotify(raw) { (state, room) throws(Errno) in
            guard state.watches[watch] != nil else { throw .invalidArgument }
            state.remove(watch, room: room)
        }
    }

    mutating func changeInotify<Result>(
        _ raw: Int32, _ change: (inout InotifyState, _ room: Int) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        guard case .inotify(var state) = file(raw).kind else { throw .invalidArgument }
        let result = try change(&state, faults.inotifyEventsMax)
        openFiles[fileID(raw)]?.kind = .inotify(state)
        return result
    }

    /// Tells everybody who watches a file.
    mutating func notify(_ inode: InodeID, _ what: WatchMask, name: [UInt8] = []) {
        let room = faults.inotifyEventsMax
        changeEveryInotify { $0.tell(inode, what, name: name, room: room) }
    }

    /// Tells everybody who watches the directory of a path.
    mutating func notifyParent(of path: String, _ what: WatchMask) {
        guard let parent = names[Self.parent(of: path)] else { return }
        notify(parent, what, name: Array((path.split(separator: "/").last ?? "").utf8))
    }

    /// The watches of a file end with it.
    mutating func endWatches(of inode: InodeID) {
        let room = faults.inotifyEventsMax
        changeEveryInotify { state in
            for (watch, _) in state.watches.filter({ $0.value.inode == inode }) {
                state.remove(watch, room: room)
            }
        }
    }

    private mutating func changeEveryInotify(_ change: (inout InotifyState) -> Void) {
        for (id, file) in openFiles {
            guard case .inotify(var state) = file.kind else { continue }
            change(&state)
            openFiles[id]?.kind = .inotify(state)
        }
    }
}

extension InotifyEvent {
    /// The record of inotify(7): descriptor, mask, cookie, length, and the name padded with zeros.
    fileprivate var record: [UInt8] {
        let padded = name.isEmpty ? 0 : (name.count + 16) / 16 * 16
        let words = [UInt32(bitPattern: watch.rawValue), mask.rawValue, 0, UInt32(padded)]
        let padding = [UInt8](repeating: 0, count: padded - name.count)
        return words.flatMap { word in withUnsafeBytes(of: word) { Array($0) } } + name + padding
    }
}
