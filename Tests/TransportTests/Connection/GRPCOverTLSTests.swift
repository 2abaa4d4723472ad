import Reactor
import Testing

@testable import Transport

/// The whole transport over real sockets: calls through HTTP/2, TLS and TCP, in both roles.
@Suite(.timeLimit(.minutes(10)))
struct GRPCOverTLSTests {
    /// Answers every call with the caller's name, once per kilobyte asked for.
    final class NameService: GRPCRouter {
        func handler(for call: GRPCServerCall) -> (any GRPCCallHandler)? {
            call.method == "Name" ? NameHandler(call) : nil
        }
    }

    final class NameHandler: GRPCCallHandler {
        private let call: GRPCServerCall

        init(_ call: GRPCServerCall) { self.call = call }

        func received(_ message: [UInt8]) {
            let kilobytes = Int(message.first ?? 0)
            for _ in 0..<kilobytes {
                call.send(GRPCMessage([UInt8](repeating: message[0], count: 1_024)))
            }
        }

        func requestEnded() {
            let name = call.peer?.commonNames.first ?? []
            call.send(GRPCMessage(name))
            call.finish(.ok)
        }

        func cancelled(_ reason: GRPCCancellation) {}
    }

    final class Receiver: GRPCResponseReceiver {
        var call: GRPCClientCall?
        private(set) var messages: [[UInt8]] = []
        private(set) var status: GRPCStatus?

        func receivedHeaders(_ metadata: GRPCMetadata) {}

        func received(_ message: [UInt8]) {
            messages.append(message)
            call?.consumed(message.count)
        }

        func finished(_ status: GRPCStatus, trailers: GRPCMetadata) { self.status = status }
    }

    /// A server for the name service and a client of it.
    final class Stack {
        let reactor: Reactor
        let resources: ConnectionResources
        let client: GRPCClientConnection
        var clientClosed: ConnectionCloseReason?
        private(set) var servers: [GRPCServerConnection] = []
        private let router = NameService()
        private var listener: Listener?

        init(_ authorities: TestAuthorities, client credential: Credential) throws {
            let reactor = try Reactor(choosing: .auto)
            let resources = ConnectionResources(reactor: reactor, limits: TransportLimits())
            self.reactor = reactor
            self.resources = resources
            client = GRPCClientConnection(
                origin: GRPCOrigin(authority: "localhost", userAgent: "test"), reactor: reactor,
                limits: resources.limits)
            let context = try authorities.serverContext()
            let socket = try reactor.kernel.listen(on: .loopback(port: 0), backlog: 16)
            let listener = try Listener(
                descriptor: socket, resources: resources,
                accept: { [unowned self] socket, address in
                    let server = GRPCServerConnection(router: router, limits: resources.limits)
                    servers.append(server)
                    Connection(
                        descriptor: socket, remoteAddress: address,
                        channel: TLSSession.server(context, limits: resources.limits),
                        application: server, resources: resources, isAccepted: true
                    ).start()
                }, report: { Issue.record("accept: \($0)") })
            listener.start()
            self.listener = listener
            client.onClosed = { [unowned self] in clientClosed = $0 }
            ClientConnector(
                endpoint: Endpoint(host: "127.0.0.1", port: listener.localAddress.port ?? 0),
                context: try authorities.clientContext(credential), application: client,
                resources: resources
            ).start()
        }

        func call(kilobytes: UInt8) -> Receiver {
            let receiver = Receiver()
            let call = client.call("/test.Names/Name", receiver: receiver)
            receiver.call = call
            call.send([kilobytes])
            call.halfClose()
            return receiver
        }

        func run(until isDone: () -> Bool) throws {
            try reactor.run(until: isDone)
        }
    }

    @Test func `calls are answered, and the answers know who asked`() throws {
        let authorities = try TestAuthorities()
        let stack = try Stack(authorities, client: authorities.client("tenant-b"))
        let receivers = (0..<50).map { stack.call(kilobytes: UInt8($0)) }
        try stack.run { receivers.allSatisfy { $0.status != nil } }
        for (index, receiver) in receivers.enumerated() {
            #expect(receiver.status == .ok)
            #expect(receiver.messages.count == index + 1)
            #expect(receiver.messages.last == Array("tenant-b".utf8))
        }
        #expect(stack.servers.count == 1)
    }

    @Test func `a refused client's calls end with the reason`() throws {
        let authorities = try TestAuthorities()
        let stack = try Stack(authorities, client: TestAuthorities().client())
        let receiver = stack.call(kilobytes: 1)
        try stack.run { stack.clientClosed != nil }
        let refused = TLSFailure.certificateRefusedByPeer(.unknownCA)
        #expect(stack.clientClosed == .handshakeFailed(refused))
        #expect(receiver.status?.code == .unavailable)
        #expect(receiver.messages.isEmpty)
        #expect(stack.servers.first?.openCallCount == 0)
    }

    @Test func `both ends shut down in good order`() throws {
        let authorities = try TestAuthorities()
        let stack = try Stack(authorities, client: authorities.client())
        let receiver = stack.call(kilobytes: 9)
        try stack.run { receiver.status != nil }
        stack.servers[0].startGracefulShutdown()
        try stack.run { stack.clientClosed != nil }
        #expect(receiver.status == .ok)
        #expect([.finished, .peerClosed].contains(stack.clientClosed))
    }

    @Test func `an idle connection lets the loop rest`() throws {
        let authorities = try TestAuthorities()
        let stack = try Stack(authorities, client: authorities.client())
        let receiver = stack.call(kilobytes: 200)
        try stack.run { receiver.status != nil }
        var isOver = false
        stack.reactor.schedule(after: .milliseconds(50)) { isOver = true }
        var turns = 0
        try stack.run {
            turns += 1
            return isOver
        }
        #expect(turns < 20, "a flush that makes nothing must not ask for the next")
    }
}
