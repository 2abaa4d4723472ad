import Reactor
import Testing

@testable import Transport

/// What a test waited for did not happen.
struct WaitedInVain: Error {}

extension Reactor {
    /// Turns until something is so; a loop that has fallen asleep for good fails the test.
    func run(until isDone: () -> Bool) throws {
        while !isDone() {
            // Only for the turn: what is asked for may be that no timer waits.
            var isOverdue = false
            let timer = schedule(after: .seconds(30)) { isOverdue = true }
            try turn()
            cancel(timer)
            if isOverdue { throw WaitedInVain() }
        }
    }
}

/// A server and its clients on one loop and the loopback interface of the real machine.
final class Loopback {
    let reactor: Reactor
    let serverResources: ConnectionResources
    let clientResources: ConnectionResources
    let authorities: TestAuthorities

    /// One for each accepted connection, in order.
    private(set) var accepted: [RecordingApplication] = []
    private(set) var reports: [Errno] = []

    /// Prepares the application of each accepted connection.
    var onAccept: (RecordingApplication) -> Void = { _ in }

    private var listener: Listener?
    private let serverContext: TLSContext?

    init(
        _ authorities: TestAuthorities, isEncrypted: Bool = true,
        limits: TransportLimits = TransportLimits(), clientLimits: TransportLimits? = nil,
        reactor: Reactor? = nil
    ) throws {
        self.authorities = authorities
        let reactor = try reactor ?? Reactor(choosing: .auto)
        self.reactor = reactor
        serverResources = ConnectionResources(reactor: reactor, limits: limits)
        clientResources = ConnectionResources(reactor: reactor, limits: clientLimits ?? limits)
        serverContext = isEncrypted ? try authorities.serverContext() : nil
        let socket = try reactor.kernel.listen(on: .loopback(port: 0), backlog: 128)
        listener = try Listener(
            descriptor: socket, resources: serverResources,
            accept: { [unowned self] in accept($0, from: $1) },
            report: { [unowned self] in reports.append($0) })
        listener?.start()
    }

    var address: SocketAddress { listener?.localAddress ?? .loopback(port: 0) }
    var endpoint: Endpoint { Endpoint(host: "127.0.0.1", port: address.port ?? 0) }

    private func accept(_ socket: consuming OwnedDescriptor, from address: SocketAddress?) {
        let application = RecordingApplication()
        accepted.append(application)
        onAccept(application)
        let channel: any SecureChannel =
            serverContext.map { TLSSession.server($0, limits: serverResources.limits) }
            ?? PlaintextChannel()
        Connection(
            descriptor: socket, remoteAddress: address, channel: channel,
            application: application, resources: serverResources, isAccepted: true
        ).start()
    }

    /// Begins a connection of a client with a good certificate, or with the one given.
    func connect(
        as credential: Credential? = nil, to endpoint: Endpoint? = nil
    ) throws -> RecordingApplication {
        let context = try serverContext.map { _ in
            try authorities.clientContext(credential ?? authorities.client())
        }
        return connect(with: context, to: endpoint)
    }

    /// Begins a connection of a client with some TLS, or none.
    func connect(with context: TLSContext?, to endpoint: Endpoint? = nil) -> RecordingApplication {
        let application = RecordingApplication()
        ClientConnector(
            endpoint: endpoint ?? self.endpoint, context: context, application: application,
            resources: clientResources
        ).start()
        return application
    }

    /// Turns the loop until something is so.
    func run(until isDone: () -> Bool) throws {
        try reactor.run(until: isDone)
    }

    /// Lets everything happen that can happen without waiting.
    func runSeveralTurns() throws {
        for _ in 0..<50 {
            reactor.schedule(after: .zero) {}
            try reactor.turn()
        }
    }

    func closeListener() {
        listener?.close()
        listener = nil
    }
}
