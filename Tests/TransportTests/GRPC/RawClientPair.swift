import Reactor
import Simulator
import TestSupport

@testable import Transport

/// Our server, and a client that a test plays frame by frame.
final class RawClientPair {
    let reactor: Reactor
    let client: RawPeer
    let server: GRPCServerConnection
    let pair: Pair
    private let router: ClosureRouter

    static let headers = [
        (":method", "POST"), (":scheme", "http"), (":path", "/test.Service/Method"),
        (":authority", "localhost"), ("te", "trailers"), ("content-type", "application/grpc"),
    ]

    init(
        settings: [(UInt16, UInt32)] = [], limits: TransportLimits = TransportLimits(),
        pieces: PieceSizes = .whole, acknowledgesSettings: Bool = true,
        route: @escaping (GRPCServerCall) -> (any GRPCCallHandler)? = { RecordingHandler($0) }
    ) throws {
        reactor = SimulatedMachine(seed: 1).makeReactor()
        router = ClosureRouter(route)
        client = RawPeer(settings: settings, acknowledgesSettings: acknowledgesSettings)
        server = GRPCServerConnection(router: router, limits: limits)
        pair = Pair(
            client: client, server: server, reactor: reactor, limits: limits, pieces: pieces)
        try pair.connect()
    }

    /// Says something and hears what comes of it.
    func exchange(_ frames: RawFrame...) throws {
        client.send(bytes: frames.flatMap(\.bytes))
        try pair.settle()
    }

    /// Opens a stream with the usual request, some of whose headers are others.
    func open(
        _ stream: UInt32, replacing others: [(String, String?)] = [], endsStream: Bool = false
    ) throws {
        let kept = Self.headers.filter { header in !others.contains { $0.0 == header.0 } }
        let added = others.compactMap { name, value in value.map { (name, $0) } }
        // Pseudo headers come first. (RFC 9113, section 8.3.)
        let all = kept + added
        let ordered = all.filter { $0.0.hasPrefix(":") } + all.filter { !$0.0.hasPrefix(":") }
        try exchange(.headers(ordered, stream: stream, endsStream: endsStream))
    }
}
