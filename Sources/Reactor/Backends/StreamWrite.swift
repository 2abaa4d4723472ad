import CLinux
import Glibc

/// Asks a descriptor what it would do, without doing it.
enum Readiness {
    /// Whether calls on the descriptor answer EAGAIN instead of sleeping.
    static func isNonBlocking(_ raw: Int32) -> Bool {
        guard case .success(let flags) = outcome(of: "fcntl", { Int(fcntl(raw, F_GETFL)) }) else {
            preconditionFailure("an open descriptor has flags")
        }
        return flags & Int(O_NONBLOCK) != 0
    }

    /// Whether the descriptor is ready for `events` now, or broken for good.
    static func poll(_ raw: Int32, _ events: Int16) -> Bool {
        var query = pollfd(fd: raw, events: events, revents: 0)
        return outcome(of: "poll") { Int(unsafe Glibc.poll(&query, 1, 0)) } != .success(0)
    }
}

/// Writing to a descriptor that others share, and which therefore may be blocking: standard output.
///
/// O_NONBLOCK belongs to the open file, not to the descriptor: setting it would change the shell's
/// terminal too. A pipe that polls as writable takes PIPE_BUF bytes without blocking, pipe(7), so
/// a blocking one is asked before each piece of that size. Regular files never make anybody
/// wait for a reader and are written as a whole.
enum StreamWrite {
    /// What is written in pieces before the rest of the loop has its turn again.
    private static let bytesPerAttempt = 64 * 1024
    private static let pieceSize = Int(PIPE_BUF)

    /// Writes what the descriptor takes now.
    static func attempt(_ raw: Int32, _ buffer: Buffer) -> Attempt {
        if Readiness.isNonBlocking(raw) || isRegularFile(raw) {
            return write(raw, buffer, atMost: buffer.readableCount)
        }
        return writeInPieces(raw, buffer)
    }

    private static func writeInPieces(_ raw: Int32, _ buffer: Buffer) -> Attempt {
        var written = 0
        while written < bytesPerAttempt, buffer.readableCount > 0 {
            guard Readiness.poll(raw, Int16(POLLOUT)) else { break }
            let attempt = write(raw, buffer, atMost: pieceSize)
            guard case .done(.success(let count)) = attempt else {
                return written > 0 ? .done(.success(written)) : attempt
            }
            written += count
        }
        return written > 0 ? .done(.success(written)) : .wouldBlock
    }

    private static func write(_ raw: Int32, _ buffer: Buffer, atMost limit: Int) -> Attempt {
        let written = unsafe buffer.withReadableBytes { bytes in
            outcome(of: "write") {
                unsafe Glibc.write(raw, bytes.baseAddress, min(bytes.count, limit))
            }
        }
        if case .success(let count) = written { buffer.consume(count) }
        return Attempt(written)
    }

    private static func isRegularFile(_ raw: Int32) -> Bool {
        var status = stat()
        let asked = outcome(of: "fstat") { Int(unsafe fstat(raw, &status)) }
        return asked == .success(0) && FileKind(mode: status.st_mode) == .regular
    }
}
