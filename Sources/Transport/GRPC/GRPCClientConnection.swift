package import Reactor

/// The client's end of a connection: makes calls, and hears their answers.
///
/// Calls may be made before the connection is there; their deadlines run from that moment on.
package final class GRPCClientConnection {
    /// Called once the server has spoken HTTP/2: it has accepted our certificate, and us.
    package var onReady: (() -> Void)?
    /// Called once the connection is gone, after every call on it has been finished.
    package var onClosed: ((ConnectionCloseReason) -> Void)?
    /// Why the connection is gone, from the moment it is.
    package private(set) var closeReason: ConnectionCloseReason?

    let reactor: Reactor
    private let link: GRPCLink
    private let limits: GRPCLimits
    private let origin: GRPCOrigin
    private var calls: [HTTP2StreamID: GRPCClientCall] = [:]
    private var isReady = false
    private var acceptsCalls = true

    /// Makes the client's end of a connection that is not there yet.
    ///
    /// - Parameters:
    ///   - origin: what the server is called, and what we are.
    ///   - reactor: the clock of deadlines.
    ///   - limits: what the server may do.
    package init(origin: GRPCOrigin, reactor: Reactor, limits: TransportLimits) {
        self.origin = origin
        self.reactor = reactor
        self.limits = limits.grpc
        link = GRPCLink(.client, limits: limits)
        session.delegate = self
    }

    private var session: HTTP2Session { link.session }

    /// Calls that have begun and not ended.
    package var openCallCount: Int { calls.count }

    /// Begins a call.
    ///
    /// - Parameters:
    ///   - path: `/SERVICE/METHOD`.
    ///   - metadata: what is sent along.
    ///   - timeout: how long to wait for the end of it; nil waits for ever.
    ///   - receiver: hears the answer; held until it has.
    /// - Returns: the call, to which messages are sent.
    package func call(
        _ path: String, metadata: GRPCMetadata = GRPCMetadata(), timeout: Duration? = nil,
        receiver: any GRPCResponseReceiver
    ) -> GRPCClientCall {
        let headers = origin.headers(path: path, timeout: timeout) + metadata.headers
        let stream = acceptsCalls ? session.request(headers) : nil
        let call = GRPCClientCall(
            stream: stream ?? 0, deadline: timeout.map { reactor.now + $0 }, on: self,
            receiver: receiver, limits: limits)
        if let stream {
            begin(call, on: stream, timeout: timeout)
        } else {
            call.endLater(GRPCStatus(.unavailable, "the connection takes no new calls"))
        }
        return call
    }

    /// Makes no new calls, and finishes the connection when those that are open have ended.
    package func startGracefulShutdown() {
        guard acceptsCalls else { return }
        acceptsCalls = false
        session.goAway()
        requestFlush()
    }

    private func begin(_ call: GRPCClientCall, on stream: HTTP2StreamID, timeout: Duration?) {
        calls[stream] = call
        call.deadlineTimer = timeout.map { timeout in
            reactor.schedule(after: timeout) { [weak call] in call?.cut(.deadlineExceeded) }
        }
        requestFlush()
    }

    // MARK: What calls ask for

    func resumeBody(of call: GRPCClientCall) {
        guard call.stream != 0 else { return }
        session.resumeBody(on: call.stream)
        requestFlush()
    }

    func grant(_ byteCount: Int, to call: GRPCClientCall) {
        session.consume(byteCount, on: call.stream)
        requestFlush()
    }

    /// The call has its verdict; the stream, if it goes on, is of no interest any more.
    func ended(_ call: GRPCClientCall, resets: Bool) {
        if let timer = call.deadlineTimer { reactor.cancel(timer) }
        guard calls.removeValue(forKey: call.stream) != nil else { return }
        // A server may answer before the request has ended, and not ask for the rest to be left out.
        if resets || session.isSending(on: call.stream) { session.reset(call.stream, .cancel) }
        requestFlush()
    }

    private func requestFlush() {
        link.requestFlush()
    }
}

/// What a client says about itself and the server in every request.
package struct GRPCOrigin: Hashable, Sendable {
    /// The server's host and port, as the client knows them.
    package let authority: String
    /// The client's name and version, like `cmdctl/1.0.0`.
    package let userAgent: String
    /// `https`, or `http` on a connection without TLS.
    package let scheme: String

    /// Names both ends.
    package init(authority: String, userAgent: String, scheme: String = "https") {
        self.authority = authority
        self.userAgent = userAgent
        self.scheme = scheme
    }

    /// The header block of a request, but for its metadata. (gRPC over HTTP/2, "Requests": the
    /// timeout stands before everything of the application's.)
    func headers(path: String, timeout: Duration?) -> [HTTP2Header] {
        var headers = [
            HTTP2Header(":method", "POST"),
            HTTP2Header(":scheme", scheme),
            HTTP2Header(":path", path),
            HTTP2Header(":authority", authority),
            HTTP2Header("te", "trailers"),
        ]
        if let timeout {
            headers.append(HTTP2Header("grpc-timeout", GRPCTimeout.format(timeout)))
        }
        headers.append(HTTP2Header("content-type", "application/grpc"))
        headers.append(HTTP2Header("user-agent", userAgent))
        return headers
    }
}

// MARK: - Bytes

extension GRPCClientConnection: ApplicationProtocol {
    /// Lets out our settings and whatever calls there are, and begins to watch for silence.
    package func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?
    ) {
        // Without open calls a dead server is no news, and servers count idle pings as abuse; but
        // somebody waits for its first word.
        link.established(connection) { [weak self] in
            self.map { !$0.isReady || !$0.calls.isEmpty } ?? false
        }
    }

    /// Takes bytes from the server, and tells receivers what they meant.
    package func receive(_ bytes: UnsafeRawBufferPointer) {
        unsafe link.receive(bytes)
    }

    /// Makes bytes for the server.
    package func produce(into buffer: Buffer) {
        link.produce(into: buffer)
    }

    /// Whether everything is said and heard, after a GOAWAY of either side.
    package var isFinished: Bool { session.isFinished }

    /// Finishes every call that is open.
    package func connectionClosed(_ reason: ConnectionCloseReason) {
        closeReason = reason
        acceptsCalls = false
        link.closed()
        for (_, call) in calls.sorted(by: { $0.key < $1.key }) {
            call.cut(GRPCStatus(.unavailable, reason.description))
        }
        onClosed?(reason)
    }
}

// MARK: - What the session tells

extension GRPCClientConnection: HTTP2SessionDelegate {
    func handle(_ event: HTTP2Event) {
        switch event {
        case .settings:
            becomeReady()
        case .headers(let stream, let headers, let endsStream):
            calls[stream]?.received(headers, endsStream: endsStream)
        case .headersTooLarge(let stream):
            calls[stream]?.cut(GRPCStatus(.resourceExhausted, "the answer's headers are too large"))
        case .ended(let stream):
            calls[stream]?.endedWithoutTrailers()
        case .closed(let stream, let code):
            calls[stream]?.reset(code, at: reactor.now)
        case .goAway(let last):
            acceptsCalls = false
            refuseCalls(after: last)
        case .gaveUp(let code):
            link.close(.protocolError("HTTP/2 \(code)"))
        case .ping, .pingAcknowledged, .reset, .tooManyIdleFrames:
            break
        }
    }

    func received(_ bytes: UnsafeRawBufferPointer, on stream: HTTP2StreamID) {
        guard let call = calls[stream] else { return session.consume(bytes.count, on: stream) }
        unsafe call.received(bytes)
    }

    func nextBodyStep(on stream: HTTP2StreamID, upTo byteCountMax: Int) -> HTTP2BodyStep {
        calls[stream]?.nextBodyStep(upTo: byteCountMax) ?? .wait
    }

    func writeBody(_ byteCount: Int, on stream: HTTP2StreamID, into buffer: Buffer) {
        guard let call = calls[stream] else { preconditionFailure("a body without a call") }
        call.writeBody(byteCount, into: buffer)
    }

    /// Those that nghttp2 has not sent yet, because the server had enough, would otherwise wait
    /// until another one ends.
    private func refuseCalls(after last: HTTP2StreamID) {
        for (stream, call) in calls.sorted(by: { $0.key < $1.key }) where stream > last {
            call.reset(.refusedStream, at: reactor.now)
        }
    }

    private func becomeReady() {
        guard !isReady else { return }
        isReady = true
        onReady?()
    }
}
