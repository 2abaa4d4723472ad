import Glibc
import ShimProtocol

/// Moves what the job writes from its pipes to the log.
struct Relay {
    private struct Source {
        let descriptor: Int32
        let stream: StreamTag
    }

    /// As much as a pipe holds by default, pipe(7).
    private static let chunkSize = 65_536
    /// Room to begin a chunk where copying it is fast; see `chunk(for:)`.
    private static let alignment = 64

    private let system: any ShimSystem
    private let buffer = ChunkBuffer(byteCount: chunkSize + 2 * alignment)
    private var sources: [Source]

    init(system: any ShimSystem, standardOutput: Int32, standardError: Int32?) {
        self.system = system
        sources = [Source(descriptor: standardOutput, stream: .stdout)]
        if let standardError {
            sources.append(Source(descriptor: standardError, stream: .stderr))
        }
    }

    /// The pipes that may still bring something.
    var descriptors: [Int32] { sources.map(\.descriptor) }

    /// Moves at most one chunk from each pipe that is ready.
    mutating func move(from ready: [Int32], to writer: inout OutputWriter) {
        for source in sources where ready.contains(source.descriptor) {
            if case .ended = moveChunk(from: source, to: &writer) { close(source) }
        }
    }

    /// Moves what is still in the pipes, after all who may write to them are dead.
    ///
    /// A pipe may be held nevertheless, by a process outside the job that was sent it (unix(7),
    /// SCM_RIGHTS) or that may not be killed. What the job itself wrote before it died fits into
    /// the pipe, so that much is read and no more.
    mutating func drain(to writer: inout OutputWriter) {
        for source in sources {
            var remaining = system.capacity(ofPipe: source.descriptor)
            while remaining > 0, case .moved(let count) = moveChunk(from: source, to: &writer) {
                remaining -= count
            }
            close(source)
        }
    }

    private enum Move {
        case moved(Int)
        case nothingYet
        case ended
    }

    private func moveChunk(from source: Source, to writer: inout OutputWriter) -> Move {
        let chunk = chunk(for: writer.offset)
        do throws(SystemError) {
            let count = try system.read(source.descriptor, into: chunk)
            guard count > 0 else { return .ended }
            system.reached(.outputRead)
            writer.take(UnsafeRawBufferPointer(rebasing: chunk[..<count]), from: source.stream)
            return .moved(count)
        } catch {
            return error.number == EAGAIN ? .nothingYet : .ended
        }
    }

    /// The part of the buffer for bytes that go to `offset` of the log.
    ///
    /// Some processors copy many times slower if the destination lies 1 to 14 bytes past the
    /// source, modulo a page (AMD Zen 4). So the chunk has its destination's place within 64 bytes,
    /// and is never that close behind the start of a page, where the pipe's own buffers begin.
    private func chunk(for offset: UInt64) -> UnsafeMutableRawBufferPointer {
        let start = Self.alignment + Int(offset % UInt64(Self.alignment))
        return UnsafeMutableRawBufferPointer(
            rebasing: buffer.bytes[start..<start + Self.chunkSize])
    }

    private mutating func close(_ source: Source) {
        system.close(source.descriptor)
        sources.removeAll { $0.descriptor == source.descriptor }
    }
}

/// The one large piece of memory of a shim.
///
/// It begins with a page.
private final class ChunkBuffer {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        bytes = .allocate(byteCount: byteCount, alignment: 4096)
    }

    deinit {
        bytes.deallocate()
    }
}
