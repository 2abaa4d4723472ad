import Reactor
import Transport

/// A client without manners: a bare socket that sends and receives when the test says so.
final class StubbornPeer {
    private let loopback: Loopback
    private let socket: Int32
    private var descriptor: OwnedDescriptor?
    private(set) var received = 0

    /// Connects.
    init(of loopback: Loopback) throws {
        self.loopback = loopback
        let socket = try loopback.reactor.kernel.makeStreamSocket(for: loopback.address)
        self.socket = socket.raw
        descriptor = consume socket
        _ = try perform(.connect(self.socket, loopback.address))
    }

    /// Sends all of the bytes.
    func send(_ bytes: [UInt8]) throws {
        let buffer = Buffer(capacity: bytes.count)
        buffer.append(bytes)
        while buffer.readableCount > 0 {
            _ = try perform(.send(socket, from: buffer))
        }
    }

    /// Closes the socket.
    func close() {
        descriptor = nil
    }

    /// Receives until so many bytes have come in all, or the stream has ended.
    func receive(untilCount count: Int) throws {
        let buffer = Buffer(capacity: 256 << 10)
        while received < count {
            let piece = try perform(.receive(socket, into: buffer))
            guard piece > 0 else { return }
            received += piece
            buffer.clear()
        }
    }

    private func perform(_ operation: Operation) throws -> Int {
        var result: Outcome?
        loopback.reactor.submit(operation) { result = $0 }
        try loopback.run { result != nil }
        return try result?.get() ?? 0
    }
}
