package import Reactor

/// The server's end of a connection: speaks HTTP/2, and hands each call to whom the router says.
package final class GRPCServerConnection {
    let session: HTTP2Session

    private unowned let router: any GRPCRouter
    private let limits: GRPCLimits
    private var control: (any ConnectionControl)?
    private var caller = GRPCCaller()
    private var calls: [HTTP2StreamID: GRPCServerCall] = [:]
    private var wokenDuringPull: [GRPCServerCall] = []
    private var keepalive: Keepalive?
    private var pings: PingGuard
    private var drain = DrainStateMachine()
    private var drainTimer: TimerID?

    /// Makes the server's end of a connection that is not there yet.
    ///
    /// - Parameters:
    ///   - router: finds who answers; it outlives the connection.
    ///   - limits: what the client may do.
    package init(router: any GRPCRouter, limits: TransportLimits) {
        self.router = router
        self.limits = limits.grpc
        session = HTTP2Session(role: .server, limits: limits.http2)
        pings = PingGuard(
            interval: limits.grpc.pingInterval, strikesMax: limits.grpc.pingStrikes)
        session.delegate = self
    }

    /// Calls that have begun and not ended.
    package var openCallCount: Int { calls.count }

    /// Takes no new calls, and finishes the connection when those that are open have ended.
    package func startGracefulShutdown() {
        perform(drain.begin())
    }

    /// Ends every open call now, unsent messages or not: the connection is about to be closed.
    package func endOpenCalls(_ status: GRPCStatus) {
        for (_, call) in calls.sorted(by: { $0.key < $1.key }) {
            call.cut(status, telling: .connectionLost(.shutdown))
        }
    }

    /// What the router makes of a status of the transport's own.
    func describe(_ status: GRPCStatus) -> GRPCStatus {
        router.describe(status)
    }

    private func perform(_ action: DrainStateMachine.Action) {
        switch action {
        case .announce:
            session.announceGoAway()
            session.ping(PingPayload.drain)
            drainTimer = control?.reactor.schedule(after: limits.drainNotice) { [weak self] in
                self?.announcementSeen()
            }
        case .goAway:
            session.goAway()
        case .none:
            return
        }
        requestFlush()
    }

    private func announcementSeen() {
        perform(drain.announcementSeen())
    }

    // MARK: What calls ask for

    func requestFlush() {
        control?.requestFlush()
    }

    func resumeBody(of call: GRPCServerCall) {
        session.resumeBody(on: call.stream)
        requestFlush()
    }

    /// Ends a call whose answers are not read while more of them are asked for.
    ///
    /// Not at once: its handler is in the middle of sending.
    func checkUnsentBytes(after call: GRPCServerCall) {
        let unsent = calls.values.reduce(0) { $0 + $1.unsentByteCount }
        guard unsent > limits.unsentBytes else { return }
        control?.reactor.atEndOfTurn {
            call.refuse(GRPCStatus(.resourceExhausted, "too many answers wait to be read"))
        }
    }

    /// Resumes the call's body after the pull that is going on.
    func resumeLater(_ call: GRPCServerCall) {
        wokenDuringPull.append(call)
    }
}

/// The eight bytes of our pings, so that their answers can be told apart.
enum PingPayload {
    static let keepalive: UInt64 = 0
    static let drain: UInt64 = 1
}

/// Who is at the other end of a connection.
struct GRPCCaller {
    var certificate: PeerCertificate?
    var security: SecurityInfo?
    var address: SocketAddress?
}

// MARK: - Bytes

extension GRPCServerConnection: ApplicationProtocol {
    /// Lets our settings out, and begins to watch for silence.
    package func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?
    ) {
        control = connection
        caller = GRPCCaller(
            certificate: peer, security: security, address: connection.remoteAddress)
        keepalive = Keepalive(
            reactor: connection.reactor, limits: limits, isNeeded: { true },
            ask: { [weak self] in self?.ask() }, giveUp: { [weak self] in self?.giveUp() })
        requestFlush()
    }

    /// Takes bytes from the client, and tells handlers what they meant.
    package func receive(_ bytes: UnsafeRawBufferPointer) {
        keepalive?.heard()
        do {
            try unsafe session.receive(bytes)
        } catch {
            control?.close(.protocolError(error.description))
        }
        requestFlush()
    }

    /// Makes bytes for the client, pulling messages from their sources.
    package func produce(into buffer: Buffer) {
        do {
            try session.produce(into: buffer)
        } catch {
            control?.close(.protocolError(error.description))
        }
        let woken = wokenDuringPull
        wokenDuringPull = []
        for call in woken { resumeBody(of: call) }
        // What did not fit would otherwise wait for somebody else's request.
        if session.wantsToWrite { requestFlush() }
    }

    /// Whether everything is said and heard, after a GOAWAY of either side.
    package var isFinished: Bool { session.isFinished }

    /// Ends every call that is open.
    package func connectionClosed(_ reason: ConnectionCloseReason) {
        keepalive?.stop()
        if let drainTimer { control?.reactor.cancel(drainTimer) }
        for (stream, call) in calls.sorted(by: { $0.key < $1.key }) {
            end(stream)
            call.lost(.connectionLost(reason))
        }
        control = nil
    }

    private func ask() {
        session.ping(PingPayload.keepalive)
        requestFlush()
    }

    private func giveUp() {
        control?.close(.keepaliveTimeout)
    }
}

// MARK: - Requests

extension GRPCServerConnection {
    private func open(_ stream: HTTP2StreamID, with headers: [HTTP2Header]) {
        guard let reactor = control?.reactor else { return }
        do {
            let head = try GRPCRequestHead(headers)
            let call = GRPCServerCall(
                head, stream: stream, deadline: head.timeout.map { reactor.now + $0 }, on: self,
                from: caller, limits: limits)
            calls[stream] = call
            call.deadlineTimer = head.timeout.map { timeout in
                reactor.schedule(after: timeout) { [weak call] in call?.deadlinePassed() }
            }
            call.begin(with: router.handler(for: call))
        } catch {
            refuse(stream, error)
        }
    }

    private func refuse(_ stream: HTTP2StreamID, _ refusal: GRPCRequestRefusal) {
        switch refusal {
        case .http(let status):
            session.respondWithoutBody(GRPCResponseHeaders.http(status), on: stream)
        case .status(let status):
            let headers = GRPCResponseHeaders.trailersOnly(describe(status))
            session.respondWithoutBody(headers, on: stream)
        }
    }

    private func refuseHeaders(of stream: HTTP2StreamID) {
        let status = GRPCStatus(.resourceExhausted, "headers are too large")
        guard let call = calls[stream] else { return refuse(stream, .status(status)) }
        call.refuse(status)
    }

    @discardableResult
    private func end(_ stream: HTTP2StreamID) -> GRPCServerCall? {
        guard let call = calls.removeValue(forKey: stream) else { return nil }
        if let timer = call.deadlineTimer { control?.reactor.cancel(timer) }
        return call
    }

    private func judgePing(contentSentSinceLast: Bool) {
        guard let now = control?.reactor.now else { return }
        if !pings.allows(pingAt: now, contentSentSinceLast: contentSentSinceLast) {
            session.terminate(.enhanceYourCalm, debugData: "too_many_pings")
        }
    }
}

// MARK: - What the session tells

extension GRPCServerConnection: HTTP2SessionDelegate {
    func handle(_ event: HTTP2Event) {
        switch event {
        case .headers(let stream, let headers, let endsStream):
            // A second block on a stream is trailers, which mean nothing in a request.
            if calls[stream] == nil { open(stream, with: headers) }
            if endsStream { calls[stream]?.requestEnded() }
        case .headersTooLarge(let stream):
            refuseHeaders(of: stream)
        case .ended(let stream):
            calls[stream]?.requestEnded()
        case .closed(let stream, let code):
            end(stream)?.lost(.reset(code))
        case .ping(let contentSentSinceLast):
            judgePing(contentSentSinceLast: contentSentSinceLast)
        case .pingAcknowledged(PingPayload.drain):
            announcementSeen()
        case .gaveUp(let code):
            control?.close(.protocolError("HTTP/2 \(code)"))
        case .settings, .pingAcknowledged, .goAway:
            break
        }
    }

    func received(_ bytes: UnsafeRawBufferPointer, on stream: HTTP2StreamID) {
        // Requests are small and handled at once, so the window opens again as they arrive.
        session.consume(bytes.count, on: stream)
        guard let call = calls[stream] else { return }
        unsafe call.received(bytes)
        let held = calls.values.reduce(0) { $0 + $1.heldByteCount }
        guard held > limits.assemblingBytes else { return }
        call.refuse(
            GRPCStatus(.resourceExhausted, "too many unfinished messages on this connection"))
    }

    func nextBodyStep(on stream: HTTP2StreamID, upTo byteCountMax: Int) -> HTTP2BodyStep {
        calls[stream]?.nextBodyStep(upTo: byteCountMax) ?? .wait
    }

    func writeBody(_ byteCount: Int, on stream: HTTP2StreamID, into buffer: Buffer) {
        guard let call = calls[stream] else { preconditionFailure("a body without a call") }
        call.writeBody(byteCount, into: buffer)
    }
}
