import Glibc

/// The reading end of a pipe from a program, and what has come through it.
final class ProgramStream {
    private(set) var descriptor: Int32
    /// Everything read so far.
    private(set) var taken: [UInt8] = []
    /// How much of `taken` has been handed out as lines.
    private var handedOut = 0

    init(descriptor: Int32) { self.descriptor = descriptor }

    var isOpen: Bool { descriptor >= 0 }
    var text: String { String(decoding: taken, as: UTF8.self) }

    /// Whether there is something to read, or the end of the stream.
    func isReadable(by deadline: Deadline) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, deadline.remainingMilliseconds) > 0
    }

    /// Reads what is there, once; closes at the end of the stream.
    func readOnce() {
        let chunk = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        if chunk.isEmpty { closeIfOpen() }
        taken += chunk
    }

    /// The next line without its line break; the last one may lack it.
    func takeLine() -> String? {
        let rest = taken[handedOut...]
        let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        guard end != nil || (!isOpen && !rest.isEmpty) else { return nil }
        let line = rest[..<(end ?? rest.endIndex)]
        handedOut = end.map { $0 + 1 } ?? rest.endIndex
        return String(decoding: line, as: UTF8.self)
    }

    func closeIfOpen() {
        guard isOpen else { return }
        close(descriptor)
        descriptor = -1
    }
}
