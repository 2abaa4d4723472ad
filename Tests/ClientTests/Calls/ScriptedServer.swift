import Reactor
import SwiftProtobuf
import Transport

@testable import Client

/// A server on the client's own loop that answers as a test tells it to, over real sockets and TLS.
final class ScriptedServer {
    /// Answers one request of one method.
    typealias Answer = (_ request: [UInt8], _ call: GRPCServerCall) throws -> Void

    let directory: TemporaryDirectory
    let streams: TestConsole
    /// By the method's name, without its service.
    var answers: [String: Answer] = [:]
    /// One for each connection that was accepted.
    private(set) var connections: [Connection] = []
    private var listener: Listener?
    private let router = Router()

    private final class Router: GRPCRouter {
        weak var server: ScriptedServer?

        func handler(for call: GRPCServerCall) -> (any GRPCCallHandler)? {
            server?.answers[call.method].map { Handler(call: call, answer: $0) }
        }
    }

    private final class Handler: GRPCCallHandler {
        let call: GRPCServerCall
        let answer: Answer

        init(call: GRPCServerCall, answer: @escaping Answer) {
            self.call = call
            self.answer = answer
        }

        func received(_ message: [UInt8]) {
            do {
                try answer(message, call)
            } catch {
                call.finish(GRPCStatus(.internal, "the script failed: \(error)"))
            }
        }

        func requestEnded() {}
        func cancelled(_ reason: GRPCCancellation) {}
    }

    init() throws {
        directory = try TemporaryDirectory()
        streams = try TestConsole()
        let reactor = streams.reactor
        let resources = ConnectionResources(reactor: reactor, limits: TransportLimits())
        router.server = self
        for words in [
            ["init", path("pki")],
            ["issue", "--dir", path("pki"), "server", "--host", "127.0.0.1"],
            ["issue", "--dir", path("pki"), "client", "alice"],
        ] {
            precondition(program.run(["pki"] + words) == .success)
        }
        let context = try TLSContext.server(
            certificateFile: path("pki/server.pem"), keyFile: path("pki/server.key"),
            clientCAFile: path("pki/client-ca.pem"), kernel: reactor.kernel)
        let listener = try Listener(
            descriptor: try reactor.kernel.listen(on: .loopback(port: 0), backlog: 8),
            resources: resources,
            accept: { [unowned self] socket, address in
                let connection = Connection(
                    descriptor: socket, remoteAddress: address,
                    channel: TLSSession.server(context, limits: resources.limits),
                    application: GRPCServerConnection(router: router, limits: resources.limits),
                    resources: resources, isAccepted: true)
                connections.append(connection)
                connection.start()
            }, report: { preconditionFailure("accept: \($0)") })
        listener.start()
        self.listener = listener
    }

    func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    var address: String { listener?.localAddress.description ?? "" }

    /// A whole cmdctl, whose environment names this server and alice's certificate.
    var program: Program {
        Program(
            console: streams.console,
            origin: Session.Origin(
                environment: [
                    "CMDCTL_SERVER": address, "CMDCTL_CACERT": path("pki/server-ca.pem"),
                    "CMDCTL_CERT": path("pki/alice.pem"), "CMDCTL_KEY": path("pki/alice.key"),
                    "XDG_CONFIG_HOME": path("config"),
                ], workingDirectory: directory.path))
    }

    /// Answers a method with one message, whatever is asked.
    func answer(_ method: String, with message: some Message) {
        answers[method] = { _, call in
            call.send(GRPCMessage(try message.serializedBytes()))
            call.finish(.ok)
        }
    }

    /// Runs cmdctl and returns what came of it.
    func run(_ words: String...) throws -> Finished {
        _ = try streams.taken(from: .standardOutput)
        _ = try streams.taken(from: .standardError)
        let status = program.run(words)
        return Finished(
            status: status, output: try streams.taken(from: .standardOutput),
            talk: try streams.taken(from: .standardError))
    }
}

/// What one run of cmdctl came to.
struct Finished {
    let status: ExitStatus
    let output: String
    let talk: String
}
