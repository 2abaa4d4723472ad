import Reactor
import Simulator
import TestSupport

@testable import Transport

/// What a client says after TLS, to our server's end of the connection, until both are gone.
///
/// The first byte chooses the pieces in which it comes, whether the preface goes ahead of it, and
/// whether the client hangs up afterwards or stays without a word. Either way nothing of its calls
/// may be left in the end.
func fuzzHTTP2(_ input: [UInt8]) throws {
    var choices = Choices(input)
    let options = choices.byte()
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    let client = TalkingClient(
        (options & 1 == 0 ? preface : []) + choices.rest, hangsUp: options & 2 != 0)
    let reactor = SimulatedMachine(seed: 1).makeReactor()
    defer { reactor.dismantle() }
    let router = EchoRouter()
    let server = GRPCServerConnection(router: router, limits: TransportLimits())
    let pair = Pair(
        client: client, server: server, reactor: reactor,
        pieces: options & 4 == 0 ? .whole : .seeded(UInt64(options)),
        bufferCapacity: options & 8 == 0 ? 256 << 10 : 32 << 10)
    try pair.connect()
    // A silent client is given up after half of that.
    try pair.run(for: .seconds(60))
    precondition(pair.server.isClosed, "the connection outlives its client")
    precondition(server.openCallCount == 0, "calls outlive their connection")
    precondition(router.handlersHeld == 0, "handlers outlive their calls")
}

/// Says all it has to say, and listens to nothing.
private final class TalkingClient: ApplicationProtocol {
    private var toSay: [UInt8]
    private let hangsUp: Bool

    init(_ bytes: [UInt8], hangsUp: Bool) {
        toSay = bytes
        self.hangsUp = hangsUp
    }

    var isFinished: Bool { hangsUp && toSay.isEmpty }

    func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?
    ) {
        connection.requestFlush()
    }

    func produce(into buffer: Buffer) {
        let count = min(buffer.writableCount, toSay.count)
        buffer.append(Array(toSay.prefix(count)))
        toSay.removeFirst(count)
    }

    func receive(_ bytes: UnsafeRawBufferPointer) {}
    func connectionClosed(_ reason: ConnectionCloseReason) {}
}

/// Answers in every way a method can, by the first letter of its name.
private final class EchoRouter: GRPCRouter {
    var handlersHeld = 0

    func handler(for call: GRPCServerCall) -> (any GRPCCallHandler)? {
        guard !call.method.hasPrefix("N") else { return nil }
        handlersHeld += 1
        return EchoHandler(call, router: self)
    }
}

/// `U…` answers each message at once, `S…` with a stream, any other when the request has ended.
private final class EchoHandler: GRPCCallHandler, MessageSource {
    private let call: GRPCServerCall
    private let router: EchoRouter
    private var held: [[UInt8]] = []
    private var isOver = false

    init(_ call: GRPCServerCall, router: EchoRouter) {
        self.call = call
        self.router = router
        if call.method.hasPrefix("S") { call.stream(from: self) }
    }

    func received(_ message: [UInt8]) {
        precondition(!isOver, "a message after the end")
        if call.method.hasPrefix("U") {
            call.send(GRPCMessage(message))
        } else {
            held.append(message)
            call.resume()
        }
    }

    func next() -> NextMessage {
        if !held.isEmpty { return .message(GRPCMessage(held.removeFirst())) }
        return isOver ? .end(.ok) : .notYet
    }

    func requestEnded() {
        precondition(!isOver, "a second end")
        isOver = true
        guard !call.method.hasPrefix("S") else { return call.resume() }
        for message in held { call.send(GRPCMessage(message)) }
        held = []
        call.finish(.ok)
    }

    func cancelled(_ reason: GRPCCancellation) {
        isOver = true
    }

    func released() {
        router.handlersHeld -= 1
    }

    var heldByteCount: Int { held.reduce(0) { $0 + $1.count } }
}

var http2Seeds: [[UInt8]] {
    let message: [UInt8] = [0, 0, 0, 0, 3, 1, 2, 3]
    let block = headerBlock([
        (":method", "POST"), (":scheme", "http"), (":path", "/test.Service/Unary"),
        (":authority", "localhost"), ("te", "trailers"), ("content-type", "application/grpc"),
        ("grpc-timeout", "5S"),
    ])
    let streamed = block.map { $0 == UInt8(ascii: "U") ? UInt8(ascii: "S") : $0 }
    let call = frame(1, 4, 1, block) + frame(0, 1, 1, message)
    let stream = frame(1, 4, 3, streamed) + frame(0, 0, 3, message) + frame(0, 1, 3, message)
    let reset = frame(3, 0, 3, [0, 0, 0, 8])
    let first = frame(1, 0, 1, Array(block.prefix(20)))
    let continuation = frame(9, 4, 1, Array(block.dropFirst(20)))
    let smallWindow = frame(4, 0, 0, [0, 4, 0, 0, 0, 0])
    let ping = frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])
    let goAway = frame(7, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0])
    return [
        [0] + call, [2] + call + stream, [6] + stream + reset, [0] + first + continuation,
        [8] + smallWindow + stream + frame(8, 0, 3, [0, 0, 1, 0]), [4] + ping + goAway,
        [1] + Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
    ]
}

/// Literals without a table and without Huffman coding. (RFC 7541, section 6.2.2.)
private func headerBlock(_ fields: [(name: String, value: String)]) -> [UInt8] {
    var block: [UInt8] = []
    for field in fields {
        block.append(0)
        for text in [field.name, field.value] {
            block.append(UInt8(text.utf8.count))
            block += Array(text.utf8)
        }
    }
    return block
}

private func frame(
    _ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8]
) -> [UInt8] {
    let head: [UInt8] = [0, 0, UInt8(payload.count), kind, flags, 0, 0, 0, stream]
    return head + payload
}
