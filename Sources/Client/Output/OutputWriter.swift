import DequeModule
import Reactor

/// Where text and bytes go.
enum OutputStream: Hashable {
    case standardOutput, standardError
}

/// Writes to standard output and standard error in one order, and never waits for either.
///
/// One write is in flight at a time, whichever stream it is for, so that a terminal shows both as
/// the job wrote them. While a pager pauses us the loop turns on and answers the server's pings.
final class OutputWriter {
    private struct Piece {
        let stream: OutputStream
        let buffer: Buffer
        let whenWritten: (() -> Void)?
    }

    /// What went wrong first; the stream it went wrong with takes nothing more.
    private(set) var failure: Failure?

    private let reactor: Reactor
    private let descriptors: [OutputStream: Int32]
    private let pool = BufferPool(bufferCapacity: Limits.writeBytes, keptAtMost: 4)
    private var failed: Set<OutputStream> = []
    private var queue: Deque<Piece> = []
    private var writing: Token?

    init(reactor: Reactor, standardOutput: Int32 = 1, standardError: Int32 = 2) {
        self.reactor = reactor
        descriptors = [.standardOutput: standardOutput, .standardError: standardError]
    }

    /// Whether all that was given has been written, or cannot be.
    var isDrained: Bool { queue.isEmpty && writing == nil }

    /// Writes after all that was given before; `whenWritten` is not called if that fails.
    func write(
        _ bytes: UnsafeRawBufferPointer, to stream: OutputStream,
        whenWritten: (() -> Void)? = nil
    ) {
        guard !failed.contains(stream) else { return }
        precondition(!bytes.isEmpty || whenWritten == nil, "waits for nothing to be written")
        guard !bytes.isEmpty else { return }
        let isPooled = (Limits.smallWriteBytes...Limits.writeBytes).contains(bytes.count)
        let buffer = isPooled ? pool.take() : Buffer(capacity: bytes.count)
        buffer.append(bytes)
        queue.append(Piece(stream: stream, buffer: buffer, whenWritten: whenWritten))
        writeNext()
    }

    func write(_ text: String, to stream: OutputStream) {
        Array(text.utf8).withUnsafeBytes { write($0, to: stream) }
    }

    /// Forgets what standard output has not taken yet.
    func abandonData() {
        if let writing, queue.first?.stream == .standardOutput { reactor.cancel(writing) }
        queue.removeAll { $0.stream == .standardOutput }
    }

    private func writeNext() {
        guard writing == nil, let piece = queue.first, let descriptor = descriptors[piece.stream]
        else { return }
        writing = reactor.submit(.writeStream(descriptor, from: piece.buffer)) { outcome in
            self.writing = nil
            switch outcome {
            case .success, .failure(.canceled): self.advance()
            case .failure(let errno): self.fail(errno, on: piece.stream)
            }
        }
    }

    private func advance() {
        if let piece = queue.first, piece.buffer.readableCount == 0 {
            queue.removeFirst()
            if piece.buffer.capacity == Limits.writeBytes { pool.giveBack(piece.buffer) }
            piece.whenWritten?()
        }
        writeNext()
    }

    private func fail(_ errno: Errno, on stream: OutputStream) {
        failed.insert(stream)
        queue.removeAll { $0.stream == stream }
        failure = failure ?? .unwritable(stream, errno)
        writeNext()
    }
}

extension Failure {
    fileprivate static func unwritable(_ stream: OutputStream, _ errno: Errno) -> Failure {
        if errno == .brokenPipe { return .outputClosed }
        let name = stream == .standardOutput ? "standard output" : "standard error"
        return .local(
            "cannot write to \(name): \(errno)", remedy: "Is the disk full, or the file closed?")
    }
}
