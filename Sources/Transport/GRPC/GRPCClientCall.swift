package import Reactor

/// Hears the answer to one call.
///
/// Its methods are never called from within a method of the call or of the connection.
package protocol GRPCResponseReceiver: AnyObject {
    /// The server has begun to answer. Not called when the answer is nothing but a status.
    func receivedHeaders(_ metadata: GRPCMetadata)

    /// One message arrived, whole. Its bytes count against the window until
    /// ``GRPCClientCall/consumed(_:)`` is called with their number.
    func received(_ message: [UInt8])

    /// The verdict; called exactly once, and nothing after it.
    func finished(_ status: GRPCStatus, trailers: GRPCMetadata)
}

/// One call, as the client sees it.
package final class GRPCClientCall {
    /// When the call is given up, if ever.
    package let deadline: Instant?

    /// Zero when there was no stream to be had; then the call only waits to be told so.
    let stream: HTTP2StreamID
    /// Runs out at the deadline; the connection sets and cancels it.
    var deadlineTimer: TimerID?

    private weak var connection: GRPCClientConnection?
    private var machine = GRPCClientCallStateMachine()
    private var receiver: (any GRPCResponseReceiver)?
    private var reader: GRPCFrameReader
    private var encoding: String?
    private var queue = GRPCSendQueue()
    private var credit = ReceiveCredit()

    init(
        stream: HTTP2StreamID, deadline: Instant?, on connection: GRPCClientConnection,
        receiver: any GRPCResponseReceiver, limits: GRPCLimits
    ) {
        self.stream = stream
        self.deadline = deadline
        self.connection = connection
        self.receiver = receiver
        reader = GRPCFrameReader(messageBytesMax: limits.messageBytes)
    }

    // MARK: Asking

    /// Sends one message.
    ///
    /// It is queued until the server takes it; see ``unsentByteCount``.
    package func send(_ message: [UInt8]) {
        guard machine.canSend else { return }
        queue.append(GRPCMessage(message))
        connection?.resumeBody(of: self)
    }

    /// Bytes that were sent here and are still queued: who has many messages keeps this small.
    package var unsentByteCount: Int { queue.byteCount }

    /// Tells the server that no more messages come.
    package func halfClose() {
        machine.halfClose()
        connection?.resumeBody(of: self)
    }

    /// Takes the call back; the receiver hears ``GRPCStatusCode/cancelled`` later in the turn.
    package func cancel() {
        endLater(GRPCStatus(.cancelled, "cancelled by the caller"))
    }

    /// Lets the server send as many bytes again: those of messages that are dealt with.
    package func consumed(_ byteCount: Int) {
        guard machine.isOpen else { return }
        grant(credit.consumed(byteCount))
    }

    /// Ends the call at the end of the turn, because its receiver may be in the middle of
    /// something.
    func endLater(_ status: GRPCStatus) {
        connection?.reactor.atEndOfTurn { [self] in cut(status) }
    }
}

// MARK: - What the connection tells

extension GRPCClientCall {
    func received(_ headers: [HTTP2Header], endsStream: Bool) {
        let block = GRPCResponseBlock(headers, endsStream: endsStream)
        if case .initial(_, let encoding) = block { self.encoding = encoding }
        if case .trailers(let status, _) = block, status.code == .ok, reader.pendingByteCount > 0 {
            return cut(GRPCStatus(.internal, "the answer ended within a message"))
        }
        perform(machine.received(block))
    }

    /// Bytes of the answer came; messages that are whole now go to the receiver.
    func received(_ bytes: UnsafeRawBufferPointer) {
        guard machine.isOpen else { return grant(bytes.count) }
        var messages: [[UInt8]] = []
        var failure: GRPCFramingError?
        do {
            try unsafe reader.read(bytes) { messages.append($0) }
        } catch {
            failure = error
        }
        grant(credit.arrived(bytes.count))
        for message in messages where machine.isOpen {
            credit.delivered(message.count)
            receiver?.received(message)
        }
        if let failure { cut(failure.status(encoding: encoding)) }
    }

    /// The stream has ended, and no trailers came with that.
    func endedWithoutTrailers() {
        perform(machine.endedWithoutTrailers())
    }

    func reset(_ code: HTTP2ErrorCode, at now: Instant) {
        let isDeadlineOver = deadline.map { $0 <= now } ?? false
        perform(machine.reset(code, isDeadlineOver: isDeadlineOver))
    }

    /// Ends the call for a reason on this side of the connection.
    func cut(_ status: GRPCStatus) {
        perform(machine.cut(status, resets: true))
    }

    func nextBodyStep(upTo byteCountMax: Int) -> HTTP2BodyStep {
        let count = min(byteCountMax, queue.byteCount)
        if count == queue.byteCount, machine.isRequestEnded {
            return .send(count, then: .endOfStream)
        }
        return count > 0 ? .send(count, then: .more) : .wait
    }

    func writeBody(_ byteCount: Int, into buffer: Buffer) {
        queue.write(byteCount, into: buffer)
    }

    private func perform(_ action: GRPCClientCallStateMachine.Action) {
        switch action {
        case .none:
            break
        case .headers(let metadata):
            receiver?.receivedHeaders(metadata)
        case .finish(let status, let trailers, let resets):
            release(resets: resets)
            let receiver = receiver
            self.receiver = nil
            receiver?.finished(status, trailers: trailers)
        }
    }

    private func release(resets: Bool) {
        queue.removeAll()
        reader.stop()
        grant(credit.close())
        connection?.ended(self, resets: resets)
    }

    private func grant(_ byteCount: Int) {
        guard byteCount > 0 else { return }
        connection?.grant(byteCount, to: self)
    }
}
