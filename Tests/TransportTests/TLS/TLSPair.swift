import Reactor
import Transport

/// Two TLS sessions and the wire between them: no sockets, no clock.
final class TLSPair {
    let server: TLSEnd
    let client: TLSEnd

    /// At most so many bytes travel at a time.
    var chunkSize = Int.max

    init(
        server: TLSContext, client: TLSContext, serverName: String = "localhost",
        limits: TransportLimits = TransportLimits()
    ) {
        self.server = TLSEnd(TLSSession.server(server, limits: limits))
        self.client = TLSEnd(
            TLSSession.client(client, serverName: serverName, limits: limits))
    }

    /// Carries bytes to and fro until both ends have fallen silent.
    func run() {
        client.advance()
        while server.take(from: client, atMost: chunkSize)
            || client.take(from: server, atMost: chunkSize)
        {}
    }

    /// Lets both ends send something and carries it over.
    func exchange(fromClient: [UInt8], fromServer: [UInt8]) {
        client.say(fromClient)
        server.say(fromServer)
        run()
    }
}

/// One end of a pair, driven as a connection drives its channel.
final class TLSEnd {
    let channel: any SecureChannel
    var now = Instant(nanoseconds: 1)

    /// What the application would have seen.
    private(set) var received: [UInt8] = []
    private(set) var isEstablished = false
    private(set) var failure: TLSFailure?
    private(set) var peerSaidGoodbye = false

    private let input = Buffer(capacity: 64 << 10)
    private let output = Buffer(capacity: 256 << 10)
    private let plaintext = Buffer(capacity: 16 << 10)

    init(_ channel: any SecureChannel) {
        self.channel = channel
    }

    /// What waits to be carried to the other end.
    var unsentCount: Int { output.readableCount }

    /// Encrypts some bytes.
    func say(_ bytes: [UInt8]) {
        let words = Buffer(capacity: max(1, bytes.count))
        words.append(bytes)
        attempt { () throws(TLSFailure) in try channel.encrypt(words, into: output, now: now) }
    }

    func sayGoodbye() {
        channel.appendGoodbye(to: output, now: now)
    }

    /// Feeds bytes as if they had come from the network; answers what is sent back.
    func answer(to bytes: [UInt8]) -> [UInt8] {
        input.append(bytes)
        advance()
        return takeOutput()
    }

    /// Everything that waits to be sent.
    func takeOutput() -> [UInt8] {
        defer { output.clear() }
        return output.bytes
    }

    /// Moves up to `count` bytes from the other end's output; false if there were none.
    func take(from other: TLSEnd, atMost count: Int) -> Bool {
        let moved = min(count, other.output.readableCount, input.writableCount)
        guard moved > 0 else { return false }
        input.append(Array(other.output.bytes.prefix(moved)))
        other.output.consume(moved)
        advance()
        return true
    }

    /// Does what the input allows; after a failure the input is thrown away.
    func advance() {
        attempt { () throws(TLSFailure) in
            if !isEstablished {
                isEstablished = try channel.handshake(
                    reading: input, answering: output, now: now)
            }
            if isEstablished {
                try receive()
            }
        }
        if failure != nil {
            input.clear()
        }
    }

    private func receive() throws(TLSFailure) {
        while true {
            plaintext.clear()
            let result = try channel.decrypt(
                input, into: plaintext, answering: output, now: now)
            received += plaintext.bytes
            peerSaidGoodbye = peerSaidGoodbye || result == .peerSaidGoodbye
            if result != .plaintext { return }
        }
    }

    private func attempt(_ body: () throws(TLSFailure) -> Void) {
        guard failure == nil else { return }
        do {
            try body()
        } catch {
            failure = error
        }
    }
}
