import Glibc
import Logging
import Reactor
import Synchronization

/// Standard error for a loop that must not wait: a line is written whole and now, or is dropped and
/// counted, and the next line that fits is preceded by the count.
///
/// Shims write to the same standard error. Lines of at most PIPE_BUF bytes never mix in a pipe,
/// whoever writes them. pipe(7).
///
/// swift-log wants its handlers `Sendable`, hence an atomic counter where the rest of the daemon has
/// plain variables.
final class DiagnosticStream: LineSink {
    /// PIPE_BUF on Linux.
    static let lineBytesMax = 4096

    private let kernel: any Kernel
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let linesDropped = Atomic<UInt64>(0)

    /// Writes to a descriptor that stays its owner's.
    init(_ shared: Int32, kernel: any Kernel) {
        self.kernel = kernel
        let reopened = Self.reopenNonBlocking(shared)
        descriptor = reopened ?? shared
        ownsDescriptor = reopened != nil
    }

    deinit {
        if ownsDescriptor { kernel.close(descriptor) }
    }

    var now: Timestamp { kernel.wallClockNow }

    func write(_ line: String) {
        let missed = linesDropped.load(ordering: .relaxed)
        if missed > 0 {
            guard offer(dropNotice(missed)) else { return drop() }
            linesDropped.subtract(missed, ordering: .relaxed)
        }
        guard offer(line) else { return drop() }
    }

    private func drop() {
        linesDropped.add(1, ordering: .relaxed)
    }

    /// True if the line was written whole.
    private func offer(_ line: String) -> Bool {
        let bytes = Self.framed(line)
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&state, 1, 0) == 1, state.revents & Int16(POLLOUT) != 0 else { return false }
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }

    /// The line as bytes, cut where a character begins so that it fits with its newline.
    private static func framed(_ line: String) -> [UInt8] {
        var bytes = Array(line.utf8)
        if bytes.count >= lineBytesMax {
            var end = lineBytesMax - 1
            while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            bytes.removeSubrange(end...)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func dropNotice(_ count: UInt64) -> String {
        LogLine.format(
            time: now, level: .warning,
            message: "log lines dropped because standard error was full",
            metadata: ["count": "\(count)"])
    }

    /// Opens a pipe anew, so that a write to it can be refused instead of waiting.
    ///
    /// O_NONBLOCK on the shared description would surprise every process that inherited it; a new
    /// one has flags of its own. Only pipes, since a regular file opened again has another offset.
    /// For all else poll(2) is asked first.
    private static func reopenNonBlocking(_ shared: Int32) -> Int32? {
        var status = stat()
        guard fstat(shared, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return nil }
        let flags = O_WRONLY | O_NONBLOCK | O_CLOEXEC
        let reopened = open("/proc/self/fd/\(shared)", flags)
        return reopened >= 0 ? reopened : nil
    }
}
