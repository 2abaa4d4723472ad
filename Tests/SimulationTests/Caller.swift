import Reactor
import Simulator
import SwiftProtobuf
import Transport

/// A client that connects again whenever its connection is gone.
final class Caller {
    private let world: World
    private var connection: GRPCClientConnection?

    init(_ world: World) {
        self.world = world
    }

    /// Begins a call; whoever hears the answer decides whether to try again.
    func call(
        _ method: String, _ request: any SwiftProtobuf.Message,
        receiver: any GRPCResponseReceiver
    ) -> GRPCClientCall {
        guard let bytes: [UInt8] = try? request.serializedBytes() else {
            preconditionFailure("a request that cannot be written")
        }
        let call = findOrMakeConnection().call(
            "/cmdctl.v1.JobService/\(method)", receiver: receiver)
        call.send(bytes)
        call.halfClose()
        return call
    }

    /// Leaves; the next call begins with a new connection, since the old one may take none.
    func leave() {
        connection?.startGracefulShutdown()
        connection = nil
    }

    private func findOrMakeConnection() -> GRPCClientConnection {
        if let connection { return connection }
        let made = GRPCClientConnection(
            origin: GRPCOrigin(authority: "server", userAgent: "user", scheme: "http"),
            reactor: world.users.reactor, limits: TransportLimits())
        made.onClosed = { [weak self, weak made] _ in
            if self?.connection === made { self?.connection = nil }
        }
        connection = made
        ClientConnector(
            endpoint: world.endpoint, context: nil, application: made,
            resources: world.userResources
        ).start()
        return made
    }
}

/// Makes one call of one answer, again and again until it gets one that counts.
final class Question<Answer: SwiftProtobuf.Message>: GRPCResponseReceiver {
    private let world: World
    private let caller: Caller
    private let method: String
    private let request: any SwiftProtobuf.Message
    private let then: (Result<Answer, GRPCStatus>) -> Void
    private var answer: Answer?
    private var triesLeft = 0

    init(
        _ method: String, _ request: any SwiftProtobuf.Message, by caller: Caller, in world: World,
        then: @escaping (Result<Answer, GRPCStatus>) -> Void
    ) {
        self.world = world
        self.caller = caller
        self.method = method
        self.request = request
        self.then = then
    }

    /// Asks, and asks again unless the answer counts.
    ///
    /// - Parameter triesWhenExhausted: After so many the lack of something is an answer, too.
    func ask(triesWhenExhausted: Int = .max) {
        triesLeft = triesWhenExhausted
        askAgain()
    }

    private func askAgain() {
        answer = nil
        _ = caller.call(method, request, receiver: self)
    }

    func receivedHeaders(_ metadata: GRPCMetadata) {}

    func received(_ message: [UInt8]) {
        answer = try? Answer(serializedBytes: message)
    }

    func finished(_ status: GRPCStatus, trailers: GRPCMetadata) {
        world.machine.note("\(method) \(status)")
        if status.code == .ok, let answer { return then(.success(answer)) }
        if status.code == .resourceExhausted { triesLeft -= 1 }
        guard status.isWorthAnotherTry, triesLeft > 0 else { return then(.failure(status)) }
        caller.leave()
        world.afterPause { [self] in askAgain() }
    }
}

extension GRPCStatus {
    /// Whether it says nothing about what was asked, but that it cannot be answered now.
    var isWorthAnotherTry: Bool {
        [.unavailable, .resourceExhausted, .cancelled, .unknown].contains(code)
    }
}
