import Reactor
import Simulator
import TestSupport

@testable import Transport

/// A client and a server that talk gRPC to each other, without a network and by a clock of the test.
final class GRPCPair {
    let reactor: Reactor
    let client: GRPCClientConnection
    let server: GRPCServerConnection
    let pair: Pair
    private let router: ClosureRouter

    init(
        pieces: PieceSizes = .whole, bufferCapacity: Int = 256 << 10,
        clientLimits: TransportLimits = .client, serverLimits: TransportLimits = TransportLimits(),
        route: @escaping (GRPCServerCall) -> (any GRPCCallHandler)?
    ) throws {
        reactor = SimulatedMachine(seed: 1).makeReactor()
        router = ClosureRouter(route)
        client = GRPCClientConnection(
            origin: GRPCOrigin(authority: "localhost", userAgent: "test/1", scheme: "http"),
            reactor: reactor, limits: clientLimits)
        server = GRPCServerConnection(router: router, limits: serverLimits)
        pair = Pair(
            client: client, server: server, reactor: reactor, limits: serverLimits,
            pieces: pieces, bufferCapacity: bufferCapacity)
        try pair.connect()
    }

    /// Makes a call, sends `messages`, and tells that there are no more.
    func call(
        _ path: String = "/test.Service/Method", messages: [[UInt8]] = [[1, 2, 3]],
        timeout: Duration? = nil, receiver: RecordingReceiver
    ) -> GRPCClientCall {
        let call = client.call(path, timeout: timeout, receiver: receiver)
        for message in messages { call.send(message) }
        call.halfClose()
        return call
    }
}

extension TransportLimits {
    /// Those of a client.
    static var client: TransportLimits {
        var limits = TransportLimits()
        limits.http2 = .client
        limits.grpc = .client
        return limits
    }
}

/// Asks a closure.
final class ClosureRouter: GRPCRouter {
    private let route: (GRPCServerCall) -> (any GRPCCallHandler)?

    init(_ route: @escaping (GRPCServerCall) -> (any GRPCCallHandler)?) {
        self.route = route
    }

    func handler(for call: GRPCServerCall) -> (any GRPCCallHandler)? { route(call) }
}
