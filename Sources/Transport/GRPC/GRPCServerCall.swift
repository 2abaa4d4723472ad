package import Reactor

/// One call, as the server sees it: what was asked, and the way to answer.
///
/// A handler answers by ``send(_:)`` (any number of messages) or ``stream(from:)`` (messages on
/// demand), and ends with ``finish(_:)`` (or its source's end). Once the call has ended, by whomever,
/// all of these do nothing.
package final class GRPCServerCall {
    /// Fully qualified name of the service that is called.
    package var service: String { head.service }
    /// Name of the method that is called.
    package var method: String { head.method }
    /// Both, as `SERVICE/METHOD`.
    package var path: String { head.path }
    /// What the caller sent along.
    package var metadata: GRPCMetadata { head.metadata }
    /// When the caller stops waiting, if it said so.
    package let deadline: Instant?
    /// Who the caller is; nil on a connection without TLS.
    package var peer: PeerCertificate? { caller.certificate }
    /// What the connection's handshake agreed on; nil on a connection without TLS.
    package var security: SecurityInfo? { caller.security }
    /// Where the caller is.
    package var remoteAddress: SocketAddress? { caller.address }

    /// What is sent ahead of the first message, if there is one.
    package var responseMetadata = GRPCMetadata()
    /// What is sent along with the status.
    package var trailingMetadata = GRPCMetadata()

    let stream: HTTP2StreamID
    /// Whether the connection asks for more of the body when it makes bytes next; it sets this.
    var isWoken = false
    /// Runs out at the deadline; the connection sets and cancels it.
    var deadlineTimer: TimerID?
    /// What the connection counts of ``heldByteCount``.
    private(set) var heldByteCountSeen = 0
    /// What the connection counts of ``unsentByteCount``.
    private var unsentByteCountSeen = 0
    private let head: GRPCRequestHead
    private let caller: GRPCCaller
    /// Nil once the call is lost; a weak reference would make each use of the connection slower.
    private var connection: GRPCServerConnection?
    private var machine = GRPCServerCallStateMachine()
    private var handler: (any GRPCCallHandler)?
    private var reader: GRPCFrameReader
    private var queue = GRPCSendQueue()
    private var source: (any MessageSource)?
    private var pull = PullLatch()
    private var credit = ReceiveCredit()

    init(
        _ head: GRPCRequestHead, stream: HTTP2StreamID, deadline: Instant?,
        on connection: GRPCServerConnection, from caller: GRPCCaller, limits: GRPCLimits
    ) {
        self.head = head
        self.stream = stream
        self.deadline = deadline
        self.connection = connection
        self.caller = caller
        reader = GRPCFrameReader(messageBytesMax: limits.messageBytes)
    }

    // MARK: Answering

    /// Sends one message.
    ///
    /// For streams of any length use ``stream(from:)``: these are queued.
    package func send(_ message: GRPCMessage) {
        guard accepts() else { return }
        queue.append(message)
        connection?.resumeBody(of: self)
        connection?.checkUnsentBytes(after: self)
    }

    /// Answers with what `source` has, whenever there is room for it.
    package func stream(from source: any MessageSource) {
        guard accepts() else { return }
        precondition(self.source == nil, "a call has one source")
        self.source = source
        connection?.resumeBody(of: self)
    }

    /// Tells that the source, which had nothing, has something now.
    package func resume() {
        guard source != nil, !pull.wake() else { return }
        connection?.resumeBody(of: self)
    }

    /// Bytes that wait to be sent, and were not pulled for that.
    private var unsentByteCount: Int { source == nil ? queue.byteCount : 0 }

    /// How much more waits than when this was asked last.
    func unsentByteGrowth() -> Int {
        let before = unsentByteCountSeen
        unsentByteCountSeen = unsentByteCount
        return unsentByteCountSeen - before
    }

    /// Lets the caller send as many bytes again: those of messages that a handler which paces its
    /// caller is done with.
    package func consumed(_ byteCount: Int) {
        grant(credit.consumed(byteCount))
    }

    /// Ends the call, after the messages sent so far.
    package func finish(_ status: GRPCStatus) {
        source = nil
        perform(machine.finish(status, isQueueEmpty: queue.isEmpty))
    }

    /// Whether the call may still be answered.
    package var isOpen: Bool { machine.isOpen }

    private func accepts() -> Bool {
        switch machine.send() {
        case .startThenAccept:
            let headers = GRPCResponseHeaders.initial.followed(by: responseMetadata)
            connection?.session.respond(headers, on: stream)
            return true
        case .accept: return true
        case .drop: return false
        }
    }

    private func perform(_ action: GRPCServerCallStateMachine.FinishAction) {
        switch action {
        case .sendTrailersOnly(let status):
            let headers = GRPCResponseHeaders.initial + trailers(status)
            connection?.session.respondWithoutBody(headers, on: stream)
        case .sendTrailers(let status):
            connection?.session.sendTrailers(trailers(status), on: stream)
        case .drain, .none:
            break
        }
        connection?.requestFlush()
    }

    private func trailers(_ status: GRPCStatus) -> [HTTP2Header] {
        status.headers.followed(by: trailingMetadata)
    }
}

// MARK: - Body

extension GRPCServerCall {
    /// How the answer goes on, if at most `byteCountMax` bytes of it may be sent now.
    func nextBodyStep(upTo byteCountMax: Int) -> HTTP2BodyStep {
        fillQueue(upTo: byteCountMax)
        let count = min(byteCountMax, queue.byteCount)
        if count == queue.byteCount, let status = machine.queueDrained() {
            return .send(count, then: .trailers(trailers(status)))
        }
        return count > 0 ? .send(count, then: .more) : .wait
    }

    /// Writes what the step before has promised.
    func writeBody(_ byteCount: Int, into buffer: Buffer) {
        queue.write(byteCount, into: buffer)
    }

    /// Pulls messages until they fill a frame: a message in hand costs memory for as long as the
    /// peer does not read.
    private func fillQueue(upTo byteCount: Int) {
        guard !pull.isDry else { return }
        pull.begin()
        var foundNothing = false
        while !foundNothing, queue.byteCount < byteCount, let source {
            switch source.next() {
            case .message(let message): queue.append(message)
            case .notYet: foundNothing = true
            case .end(let status): finish(status)
            }
        }
        if pull.end(foundNothing: foundNothing) { connection?.resumeBody(of: self) }
    }
}

// MARK: - What the connection tells

extension GRPCServerCall {
    /// Gives the call to who answers it; what arrives is delivered from now on.
    func begin(with handler: (any GRPCCallHandler)?) {
        self.handler = handler
        guard handler == nil else { return }
        let status = GRPCStatus(.unimplemented, "unknown method \(service)/\(method)")
        finish(connection?.describe(status) ?? status)
    }

    /// Bytes held of a request that has not ended: of a message that is not whole yet, and of those
    /// that wait for the request's end.
    var heldByteCount: Int { reader.pendingByteCount + (handler?.heldByteCount ?? 0) }

    /// How much more is held than when this was asked last.
    func heldByteGrowth() -> Int {
        let before = heldByteCountSeen
        heldByteCountSeen = heldByteCount
        return heldByteCountSeen - before
    }

    /// Whether more of the request is to come.
    var isRequestOpen: Bool { machine.isRequestOpen }

    /// Whether nothing can be done before the request has ended, and it has not.
    var awaitsRequestEnd: Bool {
        isOpen && isRequestOpen && handler?.awaitsRequestEnd == true
    }

    /// Bytes of the request came; messages that are whole now go to the handler.
    func received(_ bytes: UnsafeRawBufferPointer) {
        guard machine.isOpen else {
            reader.stop()
            return grant(bytes.count)
        }
        grant(credit.arrived(bytes.count))
        var rest = unsafe bytes[...]
        do {
            while machine.isOpen, let message = try unsafe reader.next(from: &rest) {
                if handler?.pacesRequest == true { credit.delivered(message.count) }
                handler?.received(message)
            }
        } catch {
            refuse(error.status(encoding: head.encoding))
        }
    }

    private func grant(_ byteCount: Int) {
        guard byteCount > 0 else { return }
        connection?.grant(byteCount, to: self)
    }

    /// Takes no more of the request, and tells both sides why.
    func refuse(_ status: GRPCStatus) {
        reader.stop()
        cut(status, telling: .refused(status))
    }

    /// The caller sends no more.
    func requestEnded() {
        if reader.pendingByteCount > 0 {
            refuse(GRPCStatus(.internal, "the request ended within a message"))
        }
        if machine.requestEnded() { handler?.requestEnded() }
    }

    /// The request should have ended by now.
    func requestIsLate() {
        refuse(GRPCStatus(.deadlineExceeded, "the request did not end in time"))
    }

    /// The time the caller gave is over.
    func deadlinePassed() {
        cut(.deadlineExceeded, telling: .deadlineExceeded)
    }

    /// Ends the call for a reason that is not the handler's.
    func cut(_ status: GRPCStatus, telling reason: GRPCCancellation) {
        let action = machine.cut(connection?.describe(status) ?? status)
        release()
        perform(action.finish)
        if action.tellsHandler { handler?.cancelled(reason) }
    }

    /// The stream is gone; after the end of the answer that is just as it should be.
    func lost(_ reason: GRPCCancellation) {
        let tellsHandler = machine.lost()
        release()
        if tellsHandler { handler?.cancelled(reason) }
        handler?.released()
        handler = nil
        connection = nil
    }

    /// Lets go of what was to be sent.
    private func release() {
        source = nil
        queue.removeAll()
        connection?.unsentBytesChanged(of: self)
    }
}
