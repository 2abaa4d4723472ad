package import Reactor

/// The server's end of a connection: speaks HTTP/2, and hands each call to whom the router says.
package final class GRPCServerConnection {
    let link: GRPCLink

    private unowned let router: any GRPCRouter
    private let limits: GRPCLimits
    private var caller = GRPCCaller(certificate: nil, security: nil, address: nil)
    private var calls: [HTTP2StreamID: GRPCServerCall] = [:]
    /// The one that was looked for last: most events come in a row for the same.
    private var latest: GRPCServerCall?
    private var lastHead: (headers: [HTTP2Header], head: GRPCRequestHead)?
    private var unended = UnendedRequests()
    private var unendedTimer: TimerID?
    /// Those whose bodies go on when bytes are made next.
    private var woken: [GRPCServerCall] = []
    private var heldByteCount = 0
    private var unsentByteCount = 0
    private var pings: PingGuard
    private var resets: RateBudget
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
        link = GRPCLink(.server, limits: limits)
        resets = RateBudget(limit: limits.http2.resets, interval: limits.http2.resetInterval)
        pings = PingGuard(
            interval: limits.grpc.pingInterval, strikesMax: limits.grpc.pingStrikes)
        session.delegate = self
    }

    var session: HTTP2Session { link.session }

    private var control: (any ConnectionControl)? { link.control }

    /// Calls that have begun and not ended.
    package var openCallCount: Int { calls.count }

    /// Takes no new calls, and finishes the connection when those that are open have ended.
    package func startGracefulShutdown() {
        perform(drain.begin())
    }

    /// Serves nothing on this connection: the client has had enough, and is told so by a GOAWAY.
    package func turnAway(_ why: String) {
        session.terminate(.enhanceYourCalm, debugData: why)
        requestFlush()
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
        link.requestFlush()
    }

    /// Asks for more of a call's body when bytes are made next, and not before.
    ///
    /// Thousands are woken together, and what nghttp2 knows of a stream leaves the processor's caches
    /// until its turn comes. And in the middle of a pull nghttp2 would forget it.
    func resumeBody(of call: GRPCServerCall) {
        guard !call.isWoken else { return }
        call.isWoken = true
        // The first one has asked for a flush, and there was none since.
        if woken.isEmpty { requestFlush() }
        woken.append(call)
    }

    private func resumeWoken() {
        for call in woken {
            call.isWoken = false
            session.resumeBody(on: call.stream)
        }
        woken.removeAll(keepingCapacity: woken.count <= GRPCLimits.wokenExpected)
    }

    /// Lets the client send as many more bytes of a request.
    func grant(_ byteCount: Int, to call: GRPCServerCall) {
        session.grant(byteCount, on: call.stream)
        requestFlush()
    }

    /// Ends a call whose answers are not read while more of them are asked for.
    ///
    /// Not at once: its handler is in the middle of sending.
    func checkUnsentBytes(after call: GRPCServerCall) {
        unsentBytesChanged(of: call)
        guard hasTooMuchUnsent else { return }
        control?.reactor.atEndOfTurn { call.refuse(Self.tooMuchUnsent) }
    }

    /// A call has more or less to send than before.
    func unsentBytesChanged(of call: GRPCServerCall) {
        unsentByteCount += call.unsentByteGrowth()
    }

    private var hasTooMuchUnsent: Bool { unsentByteCount > limits.unsentBytes }

    private static let tooMuchUnsent = GRPCStatus(
        .resourceExhausted, "too many answers wait to be read")
}

/// Who is at the other end of a connection: one object for all its calls.
final class GRPCCaller {
    let certificate: PeerCertificate?
    let security: SecurityInfo?
    let address: SocketAddress?

    init(certificate: PeerCertificate?, security: SecurityInfo?, address: SocketAddress?) {
        self.certificate = certificate
        self.security = security
        self.address = address
    }
}

// MARK: - Bytes

extension GRPCServerConnection: ApplicationProtocol {
    /// Lets our settings out, and begins to watch for silence.
    package func connectionEstablished(
        _ connection: any ConnectionControl, peer: PeerCertificate?, security: SecurityInfo?
    ) {
        caller = GRPCCaller(
            certificate: peer, security: security, address: connection.remoteAddress)
        link.established(connection)
    }

    /// Takes bytes from the client, and tells handlers what they meant.
    package func receive(_ bytes: UnsafeRawBufferPointer) {
        unsafe link.receive(bytes)
    }

    /// Makes bytes for the client, pulling messages from their sources.
    package func produce(into buffer: Buffer) {
        resumeWoken()
        link.produce(into: buffer)
    }

    /// Whether everything is said and heard, after a GOAWAY of either side.
    package var isFinished: Bool { session.isFinished }

    /// Ends every call that is open.
    package func connectionClosed(_ reason: ConnectionCloseReason) {
        if let drainTimer { control?.reactor.cancel(drainTimer) }
        if let unendedTimer { control?.reactor.cancel(unendedTimer) }
        for (stream, call) in calls.sorted(by: { $0.key < $1.key }) {
            end(stream)
            call.lost(.connectionLost(reason))
        }
        woken = []
        link.closed()
    }
}

// MARK: - Requests

extension GRPCServerConnection {
    private func open(_ stream: HTTP2StreamID, with headers: [HTTP2Header]) {
        guard let reactor = control?.reactor else { return }
        do {
            let head = try head(headers)
            let call = GRPCServerCall(
                head, stream: stream, deadline: head.timeout.map { reactor.now + $0 }, on: self,
                from: caller, limits: limits)
            calls[stream] = call
            latest = call
            // A weak reference would make each use of the call slower; whoever ends it cancels this.
            call.deadlineTimer = head.timeout.map { timeout in
                reactor.schedule(after: timeout) { call.deadlinePassed() }
            }
            call.begin(with: router.handler(for: call))
            if call.awaitsRequestEnd { awaitRequestEnd(of: stream, by: reactor) }
        } catch {
            refuse(stream, error)
        }
    }

    /// Reads a header block, unless it is the same as the last one.
    private func head(_ headers: [HTTP2Header]) throws(GRPCRequestRefusal) -> GRPCRequestHead {
        if let lastHead, lastHead.headers == headers { return lastHead.head }
        let head = try GRPCRequestHead(headers)
        lastHead = headers.listSize <= HTTP2Limits.headerListBytesKept ? (headers, head) : nil
        return head
    }

    private func call(on stream: HTTP2StreamID) -> GRPCServerCall? {
        if let latest, latest.stream == stream { return latest }
        latest = calls[stream]
        return latest
    }

    /// One timer for all requests of the connection: most have ended when the next one begins.
    private func awaitRequestEnd(of stream: HTTP2StreamID, by reactor: Reactor) {
        unended.append(stream, deadline: reactor.now + limits.requestDeadline)
        if unendedTimer == nil { watchUnended(for: limits.requestDeadline, by: reactor) }
    }

    private func watchUnended(for duration: Duration, by reactor: Reactor) {
        unendedTimer = reactor.schedule(after: duration) { [unowned self] in
            unendedTimer = nil
            for stream in unended.takeLate(at: reactor.now) {
                guard let call = calls[stream], call.awaitsRequestEnd else { continue }
                call.requestIsLate()
            }
            guard let next = unended.nextDeadline else { return }
            watchUnended(for: next - reactor.now, by: reactor)
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
        guard let call = call(on: stream) else { return refuse(stream, .status(status)) }
        call.refuse(status)
    }

    @discardableResult
    private func end(_ stream: HTTP2StreamID) -> GRPCServerCall? {
        guard let call = calls.removeValue(forKey: stream) else { return nil }
        if let latest, latest === call { self.latest = nil }
        if call.isRequestOpen { unended.remove(stream) }
        if let timer = call.deadlineTimer { control?.reactor.cancel(timer) }
        heldByteCount -= call.heldByteCountSeen
        return call
    }

    private func requestEnded(_ stream: HTTP2StreamID) {
        guard let call = call(on: stream) else { return }
        unended.remove(stream)
        // Hundreds of requests may arrive in one turn, before any of their answers is given up.
        if hasTooMuchUnsent { call.refuse(Self.tooMuchUnsent) }
        call.requestEnded()
        heldByteCount += call.heldByteGrowth()
    }

    /// Of every piece that arrives, only the call that it is for is looked at: there may be as many
    /// pieces as bytes.
    private func checkHeldBytes(after call: GRPCServerCall) {
        heldByteCount += call.heldByteGrowth()
        guard heldByteCount > limits.assemblingBytes else { return }
        // Handlers may have let go of something in the meantime.
        heldByteCount += calls.values.reduce(0) { $0 + $1.heldByteGrowth() }
        guard heldByteCount > limits.assemblingBytes else { return }
        call.refuse(
            GRPCStatus(.resourceExhausted, "too many unfinished messages on this connection"))
    }
}

// MARK: - Abuse

extension GRPCServerConnection {
    private func judgePing(contentSentSinceLast: Bool) {
        guard let now = control?.reactor.now else { return }
        if !pings.allows(pingAt: now, contentSentSinceLast: contentSentSinceLast) {
            session.terminate(.enhanceYourCalm, debugData: "too_many_pings")
        }
    }

    private func judgeReset() {
        guard let now = control?.reactor.now else { return }
        if !resets.spend(at: now) {
            session.terminate(.enhanceYourCalm, debugData: "too_many_resets")
        }
    }
}

// MARK: - What the session tells

extension GRPCServerConnection: HTTP2SessionDelegate {
    func handle(_ event: HTTP2Event) {
        switch event {
        case .headers(let stream, let headers, let endsStream):
            // A second block on a stream is trailers, which mean nothing in a request.
            if call(on: stream) == nil { open(stream, with: headers) }
            if endsStream { requestEnded(stream) }
        case .headersTooLarge(let stream):
            refuseHeaders(of: stream)
        case .ended(let stream):
            requestEnded(stream)
        case .closed(let stream, let code):
            end(stream)?.lost(.reset(code))
        case .ping(let contentSentSinceLast):
            judgePing(contentSentSinceLast: contentSentSinceLast)
        case .reset:
            judgeReset()
        case .tooManyIdleFrames:
            session.terminate(.enhanceYourCalm, debugData: "too_many_idle_frames")
        case .pingAcknowledged(PingPayload.drain):
            announcementSeen()
        case .gaveUp(let code):
            control?.close(.protocolError("HTTP/2 \(code)"))
        case .settings, .pingAcknowledged, .goAway:
            break
        }
    }

    func received(_ bytes: UnsafeRawBufferPointer, on stream: HTTP2StreamID) {
        // A call that keeps its caller waiting must not do so to others: only its own window closes.
        session.consume(bytes.count)
        guard let call = call(on: stream) else { return }
        unsafe call.received(bytes)
        checkHeldBytes(after: call)
    }

    func nextBodyStep(on stream: HTTP2StreamID, upTo byteCountMax: Int) -> HTTP2BodyStep {
        let share = calls.count > 1 ? GRPCLimits.frameBytesAmongMany : byteCountMax
        return call(on: stream)?.nextBodyStep(upTo: min(byteCountMax, share)) ?? .wait
    }

    func writeBody(_ byteCount: Int, on stream: HTTP2StreamID, into buffer: Buffer) {
        guard let call = call(on: stream) else { preconditionFailure("a body without a call") }
        call.writeBody(byteCount, into: buffer)
        unsentBytesChanged(of: call)
    }
}
