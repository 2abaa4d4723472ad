import Reactor
import Simulator
import TestSupport

@testable import Transport

/// Our client, and a server that a test plays frame by frame.
final class RawServerPair {
    let reactor: Reactor
    let client: GRPCClientConnection
    let server: RawPeer
    let pair: Pair

    static let initial = [(":status", "200"), ("content-type", "application/grpc")]

    init(
        settings: [(UInt16, UInt32)] = [], limits: TransportLimits = .client,
        pieces: PieceSizes = .whole, greets: Bool = true
    ) throws {
        reactor = SimulatedMachine(seed: 1).makeReactor()
        server = RawPeer(isServer: true, settings: settings)
        client = GRPCClientConnection(
            origin: GRPCOrigin(authority: "localhost:9090", userAgent: "test/1"),
            reactor: reactor, limits: limits)
        pair = Pair(
            client: client, server: server, reactor: reactor, limits: limits, pieces: pieces)
        pair.server.isStopped = !greets
        try pair.connect()
    }

    /// The server says something, and the client hears it.
    func exchange(_ frames: RawFrame...) throws {
        server.send(bytes: frames.flatMap(\.bytes))
        try pair.settle()
    }

    /// Makes a unary call, and lets the server see it.
    func call(_ receiver: RecordingReceiver) throws -> GRPCClientCall {
        let call = client.call("/test.Service/Method", receiver: receiver)
        call.send([1])
        call.halfClose()
        try pair.settle()
        return call
    }
}
