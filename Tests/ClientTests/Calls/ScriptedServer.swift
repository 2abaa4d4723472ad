import JobsAPI
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
    private var address: SocketAddress?
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
        router.server = self
        for words in [
            ["init", path("pki")],
            ["issue", "--dir", path("pki"), "server", "--host", "127.0.0.1"],
            ["issue", "--dir", path("pki"), "client", "alice"],
        ] {
            precondition(program.run(["pki"] + words) == .success)
        }
        answer("GetServerInfo", with: Cmdctl_V1_GetServerInfoResponse())
        answers["GetJob"] = { bytes, call in
            let request = try Cmdctl_V1_GetJobRequest(serializedBytes: bytes)
            call.reply(with: Cmdctl_V1_GetJobResponse.with { $0.job.id = request.job })
        }
        try listen(on: .loopback(port: 0), as: "pki")
    }

    /// Comes up, on an address it may have had before, as a server of some authority.
    private func listen(on address: SocketAddress, as authority: String) throws {
        let resources = ConnectionResources(reactor: streams.reactor, limits: TransportLimits())
        let context = try TLSContext.server(
            certificateFile: path("\(authority)/server.pem"),
            keyFile: path("\(authority)/server.key"),
            clientCAFile: path("\(authority)/client-ca.pem"), kernel: streams.reactor.kernel)
        let listener = try Listener(
            descriptor: try streams.reactor.kernel.listen(on: address, backlog: 8),
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
        self.address = listener.localAddress
    }

    /// Cuts the connection of the call that is being answered.
    func cut() {
        connections.last?.close(.shutdown)
    }

    /// Goes away, and comes back after `pause` if there is one.
    func restart(after pause: Duration?, as authority: String = "pki") {
        cut()
        listener?.close { [self] in
            guard let pause, let address else { return }
            streams.reactor.schedule(after: pause) { [self] in
                do {
                    try listen(on: address, as: authority)
                } catch {
                    preconditionFailure("cannot come back: \(error)")
                }
            }
        }
        listener = nil
    }

    func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    /// A whole cmdctl, whose environment names this server and alice's certificate.
    var program: Program {
        Program(
            console: streams.console,
            origin: Session.Origin(
                environment: [
                    "CMDCTL_SERVER": address?.description ?? "",
                    "CMDCTL_CACERT": path("pki/server-ca.pem"),
                    "CMDCTL_CERT": path("pki/alice.pem"), "CMDCTL_KEY": path("pki/alice.key"),
                    "XDG_CONFIG_HOME": path("config"),
                ], workingDirectory: directory.path))
    }

    /// Answers a method with one message, whatever is asked.
    func answer(_ method: String, with message: some Message) {
        answers[method] = { _, call in call.reply(with: message) }
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

extension GRPCServerCall {
    /// Sends one message of several.
    func send(_ message: some Message) throws {
        send(GRPCMessage(try message.serializedBytes()))
    }

    /// Answers with one message.
    func reply(with message: some Message) {
        do {
            try send(message)
            finish(.ok)
        } catch {
            preconditionFailure("the script's answer cannot be written: \(error)")
        }
    }
}

/// What one run of cmdctl came to.
struct Finished {
    let status: ExitStatus
    let output: String
    let talk: String
}
