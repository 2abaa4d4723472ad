import Jobs
import Logging
import Reactor
import Transport

/// One client's connection: learns who it is after the handshake, and tells the table of its end.
///
/// Sits between the connection and gRPC, and passes everything on.
final class ClientConnection: ApplicationProtocol {
    private let methods: MethodTable
    private let limits: TransportLimits
    private let logger: Logger
    private let closed: (ConnectionCloseReason) -> Void
    private var router: Router?
    private var grpc: GRPCServerConnection?
    private var isDraining = false

    init(
        methods: MethodTable, limits: TransportLimits, logger: Logger,
        closed: @escaping (ConnectionCloseReason) -> Void
    ) {
        self.methods = methods
        self.limits = limits
        self.logger = logger
        self.closed = closed
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
        log(caller, from: connection.remoteAddress)
        let router = Router(methods: methods, caller: caller, logger: logger)
        self.router = router
        let grpc = GRPCServerConnection(router: router, limits: limits)
        self.grpc = grpc
        grpc.connectionEstablished(connection, peer: peer, security: security)
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
        closed(reason)
    }

    private func log(_ caller: Result<Caller, IdentityRefusal>, from address: SocketAddress?) {
        let from = Logger.MetadataValue.string(address?.description ?? "unknown")
        switch caller {
        case .success(let caller):
            logger.debug(
                "client connected",
                metadata: ["tenant": "\(caller.identity.tenant.name)", "address": from])
        case .failure(let refusal):
            logger.warning(
                "client has no identity",
                metadata: ["certificate": "\(refusal.problem)", "address": from])
        }
    }
}
