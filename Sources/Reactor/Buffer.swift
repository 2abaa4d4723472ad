/// Bytes on the heap with a readable region: written at its end, read from its beginning.
///
///     0 ··· consumed ··· | readable | ··· writable ··· capacity
///
/// A reference, because an operation in flight and its owner look at the same bytes.
@safe
package final class Buffer {
    /// How many bytes there is room for in all.
    package private(set) var capacity: Int

    private var storage: UnsafeMutableRawPointer
    private var readIndex = 0
    private var writeIndex = 0

    /// A cache line: copies between buffers start where the processor likes it.
    private static let alignment = 64

    /// Takes memory for `capacity` bytes, none of them readable yet.
    package init(capacity: Int) {
        precondition(capacity > 0, "a buffer without room")
        self.capacity = capacity
        unsafe storage = .allocate(byteCount: capacity, alignment: Self.alignment)
    }

    deinit {
        unsafe storage.deallocate()
    }

    /// How many bytes wait to be read.
    package var readableCount: Int { writeIndex - readIndex }

    /// How many bytes can be written before the buffer must grow or be consumed.
    package var writableCount: Int { capacity - writeIndex }

    /// Lends out the readable region.
    package func withReadableBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(
            UnsafeRawBufferPointer(start: storage + readIndex, count: readableCount))
    }

    /// Lends out the writable region; `commit` makes readable what was written.
    package func withWritableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(
            UnsafeMutableRawBufferPointer(start: storage + writeIndex, count: writableCount))
    }

    /// Makes the first `count` writable bytes readable.
    package func commit(_ count: Int) {
        precondition(count >= 0 && count <= writableCount, "commits more than was writable")
        writeIndex += count
    }

    /// Gives up the first `count` readable bytes; an emptied buffer starts over at its beginning.
    package func consume(_ count: Int) {
        precondition(count >= 0 && count <= readableCount, "consumes more than is readable")
        readIndex += count
        if readIndex == writeIndex { clear() }
    }

    /// Gives up everything.
    package func clear() {
        readIndex = 0
        writeIndex = 0
    }

    /// Appends bytes; the caller has made sure that there is room.
    package func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= writableCount, "appends more than is writable")
        guard let start = bytes.baseAddress else { return }
        unsafe (storage + writeIndex).copyMemory(from: start, byteCount: bytes.count)
        writeIndex += bytes.count
    }

    /// Appends bytes; the caller has made sure that there is room.
    package func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Makes room for `count` more bytes, by moving the readable ones to the front or by growing.
    package func reserve(_ count: Int) {
        guard count > writableCount else { return }
        let readable = readableCount
        let needed = readable + count
        let target = needed <= capacity ? capacity : max(needed, 2 * capacity)
        unsafe moveReadable(to: target == capacity ? storage : nil, capacity: target)
        readIndex = 0
        writeIndex = readable
    }

    /// A copy of the readable bytes, for tests and small things.
    package var bytes: [UInt8] {
        unsafe withReadableBytes { unsafe [UInt8]($0) }
    }

    private func moveReadable(to destination: UnsafeMutableRawPointer?, capacity target: Int) {
        let new =
            unsafe destination ?? .allocate(byteCount: target, alignment: Self.alignment)
        unsafe new.copyMemory(from: storage + readIndex, byteCount: readableCount)
        if unsafe new != storage { unsafe storage.deallocate() }
        unsafe storage = new
        capacity = target
    }
}
