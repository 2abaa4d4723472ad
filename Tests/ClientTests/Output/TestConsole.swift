import Reactor

@testable import Client

/// A console whose two streams are pipes of the test's.
final class TestConsole {
    let reactor: Reactor
    let writer: OutputWriter
    let console: Console

    private let standardOutput: Pipe
    private let standardError: Pipe

    /// One end to read; the descriptor of the other lives as long as this.
    private final class Pipe {
        private var read: OwnedDescriptor?
        let write: OwnedDescriptor

        init(kernel: any Kernel) throws {
            let ends = try kernel.makePipe()
            write = ends.write
            read = consume ends.read
        }

        var readEnd: Int32? { read?.raw }

        func closeReadEnd() { read = nil }
    }

    init() throws {
        reactor = try Reactor(choosing: .epoll)
        standardOutput = try Pipe(kernel: reactor.kernel)
        standardError = try Pipe(kernel: reactor.kernel)
        writer = OutputWriter(
            reactor: reactor, standardOutput: standardOutput.write.raw,
            standardError: standardError.write.raw)
        console = Console(reactor: reactor, writer: writer, interruption: nil)
    }

    /// Turns until so many bytes have come out of a stream.
    func read(_ count: Int, from stream: OutputStream) throws -> [UInt8] {
        guard let descriptor = pipe(stream).readEnd else { return [] }
        let buffer = Buffer(capacity: max(1, count))
        while buffer.readableCount < count {
            var outcome: Outcome?
            reactor.submit(.readPipe(descriptor, into: buffer)) { outcome = $0 }
            while outcome == nil { try reactor.turn() }
            guard case .success(let more)? = outcome, more > 0 else { break }
        }
        return buffer.bytes
    }

    func text(_ count: Int, from stream: OutputStream) throws -> String {
        String(decoding: try read(count, from: stream), as: UTF8.self)
    }

    /// What a stream holds now.
    func taken(from stream: OutputStream) throws -> String {
        guard let descriptor = pipe(stream).readEnd else { return "" }
        let buffer = Buffer(capacity: 1 << 17)
        var outcome: Outcome?
        let token = reactor.submit(.readPipe(descriptor, into: buffer)) { outcome = $0 }
        // What is there is read when it is submitted; nothing else is waited for.
        reactor.cancel(token)
        while outcome == nil { try reactor.turn() }
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    /// Leaves, as `head` does when it has seen enough.
    func closeReader(of stream: OutputStream) {
        pipe(stream).closeReadEnd()
    }

    private func pipe(_ stream: OutputStream) -> Pipe {
        stream == .standardOutput ? standardOutput : standardError
    }
}
