package import Reactor
package import Transport

/// Two ends of a connection without the connection: what one end produces the other receives, cut
/// into pieces of any size.
///
/// Nothing happens by itself: ``settle()`` moves bytes and turns the loop until both ends are quiet.
package final class Pair {
    /// The end that began the connection.
    package let client: PairEnd
    /// The end that took it.
    package let server: PairEnd

    private let reactor: Reactor
    private var pieces: PieceSizes

    /// Puts two ends together; `connect()` tells them.
    package init(
        client: any ApplicationProtocol, server: any ApplicationProtocol, reactor: Reactor,
        limits: TransportLimits = TransportLimits(), pieces: PieceSizes = .whole,
        bufferCapacity: Int = 256 << 10
    ) {
        self.reactor = reactor
        self.pieces = pieces
        let makeEnd = { (application: any ApplicationProtocol) in
            PairEnd(application, reactor: reactor, limits: limits, capacity: bufferCapacity)
        }
        self.client = makeEnd(client)
        self.server = makeEnd(server)
    }

    /// Tells both ends that the connection is there, and lets them greet each other.
    package func connect(peer: PeerCertificate? = nil, security: SecurityInfo? = nil) throws {
        client.application.connectionEstablished(client, peer: nil, security: security)
        server.application.connectionEstablished(server, peer: peer, security: security)
        try settle()
    }

    /// Moves bytes and turns the loop until nothing more happens at this time.
    package func settle() throws {
        var isBusy = true
        while isBusy {
            isBusy = false
            if client.flush() { isBusy = true }
            if server.flush() { isBusy = true }
            if move(from: client, to: server) { isBusy = true }
            if move(from: server, to: client) { isBusy = true }
            if try turn() { isBusy = true }
        }
    }

    /// Goes on, and waits for timers where nothing else is to be done, until `condition` holds.
    ///
    /// - Throws: ``WaitedInVain`` if it does not come to hold by the limit.
    package func run(within limit: Duration = .seconds(20), until condition: () -> Bool) throws {
        var isLate = false
        let alarm = reactor.schedule(after: limit) { isLate = true }
        defer { reactor.cancel(alarm) }
        try settle()
        while !condition() {
            guard !isLate else { throw WaitedInVain() }
            try reactor.turn()
            try settle()
        }
    }

    /// Goes on for that long by the clock of the loop.
    package func run(for duration: Duration) throws {
        var isOver = false
        reactor.schedule(after: duration) { isOver = true }
        try run(within: duration + .seconds(1)) { isOver }
    }

    /// Moves one piece, if there is one.
    private func move(from source: PairEnd, to destination: PairEnd) -> Bool {
        guard destination.canReceive else {
            source.wire = []
            return false
        }
        guard !source.wire.isEmpty else {
            if source.isClosed { destination.close(.peerClosed) }
            return false
        }
        let count = min(pieces.next(), source.wire.count)
        let piece = Array(source.wire.prefix(count))
        source.wire.removeFirst(count)
        destination.receive(piece)
        return true
    }

    private func turn() throws -> Bool {
        guard let deadline = reactor.nextDeadline(), deadline <= reactor.now else { return false }
        try reactor.turn()
        return true
    }
}

/// What a test has waited for did not come.
package struct WaitedInVain: Error {}

/// How large the pieces are in which bytes arrive.
package enum PieceSizes: Sendable, CustomStringConvertible {
    /// Everything there is.
    case whole
    /// One byte at a time.
    case single
    /// Between 1 and 2,000 bytes, as a seed will have it.
    case seeded(UInt64)

    /// Names the sizes, for the names of tests.
    package var description: String {
        switch self {
        case .whole: "all at once"
        case .single: "byte by byte"
        case .seeded(let seed): "pieces of seed \(seed)"
        }
    }

    /// The most telling sizes.
    package static let all: [PieceSizes] = [.whole, .single] + (1...4).map { .seeded($0) }

    mutating func next() -> Int {
        switch self {
        case .whole: return .max
        case .single: return 1
        case .seeded(let seed):
            let next = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            self = .seeded(next)
            // Small pieces are as likely as large ones: three scales, then a size within it.
            let scale = [8, 100, 2_000][Int(next >> 60) % 3]
            return 1 + Int(next >> 33) % scale
        }
    }
}
