import Jobs
import Logging
import Reactor
import Transport

/// One client's connection: learns who it is after the handshake, and tells the table of its end.
///
/// Sits between the connection and gRPC, and passes everything on.
final class ClientConnection: ApplicationProtocol {
    private let methods: MethodTable
    private let resources: ConnectionResources
    private let logger: Logger
    private let events: Events
    private var router: Router?
    private var grpc: GRPCServerConnection?
    private var isDraining = false

    /// What the table wants to know.
    struct Events {
        /// The handshake is over: who it is, or why nobody.
        ///
        /// Answers whether the client may stay.
        let identified: (Result<Caller, IdentityRefusal>) -> Bool
        /// The connection is gone.
        let closed: (ConnectionCloseReason) -> Void
    }

    init(methods: MethodTable, resources: ConnectionResources, logger: Logger, events: Events) {
        self.methods = methods
        self.resources = resources
        self.logger = logger
        self.events = events
    }

    /// Takes no new call, and closes when the open ones are done.
    func startGracefulShutdown() {
        isDraining = true
        grpc?.startGracefulShutdown()
    }

    /// Tells every open call that the server ends, and so prepares to be closed.
    func endOpenCalls() {
        grpc?.endOpenCalls(GRPCStatus(.job(.draining)))
    }

    func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?
    ) {
        let caller = Caller.identify(peer, over: security)
        let mayStay = events.identified(caller)
        let router = Router(methods: methods, caller: caller, logger: logger)
        self.router = router
        let grpc = GRPCServerConnection(router: router, limits: resources.limits)
        self.grpc = grpc
        grpc.connectionEstablished(connection, peer: peer, security: security)
        if !mayStay { return grpc.turnAway("too_many_connections") }
        if isDraining { grpc.startGracefulShutdown() }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) {
        grpc?.receive(bytes)
    }

    func produce(into buffer: Buffer) {
        grpc?.produce(into: buffer)
    }

    /// Before the handshake is over there is nothing that could be finished.
    var isFinished: Bool { grpc?.isFinished ?? false }

    func connectionClosed(_ reason: ConnectionCloseReason) {
        grpc?.connectionClosed(reason)
        grpc = nil
        events.closed(reason)
    }
}
