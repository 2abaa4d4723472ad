import JobsAPI
import Reactor
import SwiftProtobuf
import Transport

/// Calls the server's methods, over one connection.
///
/// To the verbs a call looks like a function: it returns when the answer is there. Meanwhile the loop
/// turns, so that deadlines, keepalive and ^C work.
final class Caller {
    private let console: Console
    private let server: Endpoint
    private let connection: GRPCClientConnection

    /// Connects, and returns when the server has accepted us.
    init(console: Console, settings: ConnectionSettings) throws(Failure) {
        self.console = console
        server = settings.server
        connection = GRPCClientConnection(
            origin: GRPCOrigin(
                authority: settings.server.description, userAgent: "cmdctl/\(Version.current)"),
            reactor: console.reactor, limits: Limits.transport)
        try connect(with: try Self.context(settings, kernel: console.reactor.kernel))
    }

    private static func context(
        _ settings: ConnectionSettings, kernel: any Kernel
    ) throws(Failure) -> TLSContext {
        do {
            return try TLSContext.client(
                caFile: settings.authority, certificateFile: settings.certificate,
                keyFile: settings.key, kernel: kernel)
        } catch {
            throw .local(error.description)
        }
    }

    private func connect(with context: TLSContext) throws(Failure) {
        var isReady = false
        connection.onReady = { isReady = true }
        let resources = ConnectionResources(reactor: console.reactor, limits: Limits.transport)
        ClientConnector(
            endpoint: server, context: context, application: connection, resources: resources
        ).start()
        try console.turn { isReady || connection.closeReason != nil }
        if let reason = connection.closeReason { throw Failure(reason, server: server) }
    }

    // MARK: One answer

    /// Asks and waits for the answer.
    func answer<Request, Response>(
        to method: Method<Request, Response>, _ request: Request,
        timeout: Duration? = Limits.callTimeout
    ) throws(Failure) -> Response {
        try result(of: try begin(method, request, timeout: timeout)).get()
    }

    /// Asks; several questions can be under way at a time.
    func begin<Request, Response>(
        _ method: Method<Request, Response>, _ request: Request,
        timeout: Duration? = Limits.callTimeout
    ) throws(Failure) -> PendingAnswer<Response> {
        let receiver = AnswerReceiver<Response>()
        try send(request, to: method.path, timeout: timeout, receiver: receiver)
        return PendingAnswer { receiver.result }
    }

    /// Waits for an answer; a lost connection is thrown, since it concerns all of them.
    func result<Value>(of pending: PendingAnswer<Value>) throws(Failure) -> Result<Value, Failure> {
        try console.turn { pending.result() != nil }
        guard let result = pending.result() else { preconditionFailure("waited for it") }
        if case .failure(let failure) = result, failure.isTransports { try throwIfClosed() }
        return result
    }

    // MARK: Many messages

    /// Asks, and hands each message of the answer to `receiver` until the last.
    func stream<Request, Response>(
        _ method: Method<Request, Response>, _ request: Request, to receiver: any StreamReceiver
    ) throws(Failure) {
        let adapter = StreamAdapter(receiver: receiver)
        let call = try send(request, to: method.path, timeout: nil, receiver: adapter)
        adapter.call = call
        do throws(Failure) {
            try console.turn { adapter.status != nil || adapter.failure != nil }
        } catch {
            call.cancel()
            throw error
        }
        if let failure = adapter.failure { throw failure }
        guard let status = adapter.status, status.code != .ok else { return }
        let reason = Failure(status)
        if reason.isTransports { try throwIfClosed() }
        throw reason
    }

    /// Sends an image behind its head, and waits for the answer, which may come before all is sent.
    func send(
        _ upload: ImageUpload, behind head: Cmdctl_V1_ImportImageRequest
    ) throws(Failure) -> Cmdctl_V1_ImportImageResponse {
        let receiver = AnswerReceiver<Cmdctl_V1_ImportImageResponse>()
        let call = connection.call(
            Method.importImage.path, timeout: nil, receiver: receiver)
        call.send(try bytes(of: head))
        do throws(Failure) {
            try console.turn {
                let mayBeMore = upload.pump(call)
                return receiver.result != nil || !mayBeMore && !upload.isAllSent
            }
            if receiver.result == nil { try upload.check() }
        } catch {
            call.cancel()
            throw error
        }
        return try result(of: PendingAnswer { receiver.result }).get()
    }

    /// Makes no more calls; the connection goes when those that are open have ended.
    func leave() {
        connection.startGracefulShutdown()
    }

    @discardableResult
    private func send(
        _ request: some Message, to path: String, timeout: Duration?,
        receiver: any GRPCResponseReceiver
    ) throws(Failure) -> GRPCClientCall {
        let bytes = try bytes(of: request)
        let call = connection.call(path, timeout: timeout, receiver: receiver)
        call.send(bytes)
        call.halfClose()
        return call
    }

    private func bytes(of request: some Message) throws(Failure) -> [UInt8] {
        do {
            return try request.serializedBytes()
        } catch {
            throw .local("cannot write the request: \(error)")
        }
    }

    private func throwIfClosed() throws(Failure) {
        if let reason = connection.closeReason { throw Failure(reason, server: server) }
    }
}

extension Failure {
    /// Whether it is what the transport says of every call on a connection that is gone.
    ///
    /// The reason of the connection says more. What the server said itself counts, though, and may
    /// have come in the same breath.
    fileprivate var isTransports: Bool { reason == GRPCStatusCode.unavailable.name }
}
