internal import DequeModule
internal import Reactor

/// Messages on their way out, in order, each with its five bytes of frame header.
///
/// It is cut into HTTP/2 frames wherever those end; a payload is let go as soon as its last byte was
/// written.
struct GRPCSendQueue {
    /// The one that is written next: mostly there is no other, and then nothing is allocated.
    private var first: Entry?
    private var others = Deque<Entry>()

    /// Bytes that wait to be written, frame headers included.
    private(set) var byteCount = 0

    var isEmpty: Bool { first == nil }

    mutating func append(_ message: GRPCMessage) {
        let entry = Entry(message)
        byteCount += entry.unwrittenCount
        if first == nil { first = entry } else { others.append(entry) }
    }

    /// Writes the next `count` bytes, for which the buffer has room.
    mutating func write(_ count: Int, into buffer: Buffer) {
        precondition(count <= byteCount, "writes more than is queued")
        byteCount -= count
        var rest = count
        while rest > 0, let written = first?.write(upTo: rest, into: buffer) {
            rest -= written
            if first?.unwrittenCount == 0 { first = others.popFirst() }
        }
    }

    /// Forgets what was not written.
    mutating func removeAll() {
        first = nil
        others = []
        byteCount = 0
    }
}

/// A message, and how much of it is written.
private struct Entry {
    private let message: GRPCMessage
    private let messageByteCount: Int
    private var writtenCount = 0

    init(_ message: GRPCMessage) {
        self.message = message
        messageByteCount = message.head.count + (message.payload?.count ?? 0)
        precondition(messageByteCount <= UInt32.max, "a message longer than its header can say")
    }

    var unwrittenCount: Int { GRPCFrameReader.headerSize + messageByteCount - writtenCount }

    /// Writes from one of the three parts; returns how much.
    mutating func write(upTo countMax: Int, into buffer: Buffer) -> Int {
        let headEnd = GRPCFrameReader.headerSize + message.head.count
        let count: Int
        if writtenCount < GRPCFrameReader.headerSize {
            count = writeHeader(upTo: countMax, into: buffer)
        } else if writtenCount < headEnd {
            count = min(countMax, headEnd - writtenCount)
            writeHead(count, into: buffer)
        } else {
            count = min(countMax, unwrittenCount)
            writePayload(count, into: buffer)
        }
        writtenCount += count
        return count
    }

    private func writeHeader(upTo countMax: Int, into buffer: Buffer) -> Int {
        let end = min(GRPCFrameReader.headerSize, writtenCount + countMax)
        unsafe buffer.withWritableBytes { room in
            for index in writtenCount..<end {
                unsafe room[index - writtenCount] = headerByte(at: index)
            }
        }
        buffer.commit(end - writtenCount)
        return end - writtenCount
    }

    /// Byte 0 says "not compressed"; four bytes of length follow, big endian.
    private func headerByte(at index: Int) -> UInt8 {
        index == 0 ? 0 : UInt8(truncatingIfNeeded: messageByteCount >> (8 * (4 - index)))
    }

    private func writeHead(_ count: Int, into buffer: Buffer) {
        let start = writtenCount - GRPCFrameReader.headerSize
        unsafe message.head.withUnsafeBytes { head in
            unsafe buffer.append(UnsafeRawBufferPointer(rebasing: head[start..<start + count]))
        }
    }

    private func writePayload(_ count: Int, into buffer: Buffer) {
        guard count > 0, let payload = message.payload else { return }
        let start = writtenCount - GRPCFrameReader.headerSize - message.head.count
        unsafe payload.withBytes { bytes in
            unsafe buffer.append(UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
        }
    }
}
