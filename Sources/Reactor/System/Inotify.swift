import CLinux

/// Names one watch of an inotify descriptor.
package struct WatchDescriptor: Hashable, Sendable {
    /// The number inotify_add_watch(2) gave.
    package let rawValue: Int32

    /// Wraps the number.
    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}

/// What to watch for, or what has happened; see inotify(7).
package struct WatchMask: OptionSet, Hashable, Sendable {
    /// The bits of inotify(7).
    package let rawValue: UInt32

    /// Wraps bits of inotify(7).
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The bytes of a file changed: write(2) or truncate(2).
    package static let modified = WatchMask(rawValue: UInt32(IN_MODIFY))
    /// The mode, the link count or other metadata changed.
    package static let attributesChanged = WatchMask(rawValue: UInt32(IN_ATTRIB))
    /// A file that was open for writing was closed.
    package static let closedAfterWrite = WatchMask(rawValue: UInt32(IN_CLOSE_WRITE))
    /// A name appeared in the watched directory.
    package static let created = WatchMask(rawValue: UInt32(IN_CREATE))
    /// Something was given a name in the watched directory that had another before: rename(2).
    package static let movedHere = WatchMask(rawValue: UInt32(IN_MOVED_TO))
    /// A name vanished from the watched directory.
    package static let removed = WatchMask(rawValue: UInt32(IN_DELETE))
    /// The watched thing itself was removed, with its last name and its last descriptor.
    package static let selfRemoved = WatchMask(rawValue: UInt32(IN_DELETE_SELF))
    /// The watched thing itself got another name.
    package static let selfMoved = WatchMask(rawValue: UInt32(IN_MOVE_SELF))
    /// Only in a request: the watch ends with its first event.
    package static let oneShot = WatchMask(rawValue: UInt32(truncatingIfNeeded: IN_ONESHOT))
    /// Only in a request: adds to what the watch looks for already.
    package static let adding = WatchMask(rawValue: UInt32(IN_MASK_ADD))
    /// Only in an event, whose watch is -1: the queue was full and events are lost.
    package static let overflow = WatchMask(rawValue: UInt32(IN_Q_OVERFLOW))
    /// Only in an event: the watch is gone.
    package static let ignored = WatchMask(rawValue: UInt32(IN_IGNORED))
}

/// One event of an inotify descriptor.
package struct InotifyEvent: Hashable, Sendable {
    /// Which watch.
    package let watch: WatchDescriptor
    /// What happened.
    package let mask: WatchMask
    /// The name within a watched directory, without its padding; empty for a watched file.
    package let name: [UInt8]

    /// Puts an event together.
    package init(watch: WatchDescriptor, mask: WatchMask, name: [UInt8] = []) {
        self.watch = watch
        self.mask = mask
        self.name = name
    }
}

/// The events in a buffer that `readPipe` has filled from an inotify descriptor.
///
/// The record is 16 bytes and a padded name: descriptor, mask, cookie, length. The kernel never
/// splits a record, so iterating consumes whole ones and ends with the readable bytes.
package struct InotifyEvents: Sequence, IteratorProtocol {
    private static let headerSize = 16
    private let buffer: Buffer

    /// Reads from `buffer` and consumes what it has read.
    package init(_ buffer: Buffer) {
        self.buffer = buffer
    }

    /// The next event, or nil when the buffer is empty.
    package mutating func next() -> InotifyEvent? {
        guard buffer.readableCount > 0 else { return nil }
        let (event, size) = unsafe buffer.withReadableBytes { unsafe Self.parse($0) }
        buffer.consume(size)
        return event
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> (InotifyEvent, size: Int) {
        precondition(bytes.count >= headerSize, "the kernel splits no inotify record")
        let watch = unsafe bytes.loadUnaligned(as: Int32.self)
        let mask = unsafe bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        let padded = Int(unsafe bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        precondition(bytes.count >= headerSize + padded, "the kernel splits no inotify record")
        let name = unsafe bytes[headerSize..<headerSize + padded].prefix { $0 != 0 }
        let event = InotifyEvent(
            watch: WatchDescriptor(rawValue: watch), mask: WatchMask(rawValue: mask),
            name: unsafe [UInt8](name))
        return (event, headerSize + padded)
    }
}
