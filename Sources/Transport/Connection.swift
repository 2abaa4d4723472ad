package import Reactor

/// One socket, its channel and its application: the only place where the transport does I/O.
///
/// At most one receive and one send are in flight. Bytes are produced and encrypted at the end of a
/// turn, so that everything a turn has brought about leaves in one send.
package final class Connection: ConnectionControl {
    /// Where the peer is, if known.
    package let remoteAddress: SocketAddress?

    let channel: any SecureChannel
    let resources: ConnectionResources
    var machine: StateMachine

    /// Nil once it has been told that the connection is gone.
    var application: (any ApplicationProtocol)?

    /// The number of the descriptor that is owned, and closed, through `descriptor`.
    private let socket: Int32
    private var descriptor: OwnedDescriptor?

    /// Borrowed while bytes are being received and used up.
    var incoming: Buffer?

    /// Gathers wire bytes that are not yet being sent.
    var outgoing: Buffer?

    /// Belongs to the send in flight, or holds what the last one left over.
    private var leaving: Buffer?

    /// Whether the application has been told that the handshake is over.
    var isEstablished = false

    /// Whether the application is to be asked for more once what is being sent has left.
    var mayProduceMore = false

    /// Whether there was so much to send that the peer may not have taken all of it.
    var mayLag = false

    /// Why the application wants to end the connection; done at the end of the turn.
    var requestedClose: ConnectionCloseReason?

    private let isAccepted: Bool
    private let loan: BufferLoan
    private var slot: HandshakeSlot?
    private var isFlushRequested = false
    private var receiveToken: Token?
    private var sendToken: Token?

    /// When the send in flight began; each takes at least a byte with it.
    package private(set) var stalledSince: Instant?
    private var deadline: (kind: StateMachine.Deadline, timer: TimerID)?

    /// Makes a connection of a connected socket; nothing happens before ``start()``.
    ///
    /// - Parameters:
    ///   - descriptor: the connected socket.
    ///   - remoteAddress: where the peer is, if known.
    ///   - channel: what protects the bytes.
    ///   - application: what speaks on the connection.
    ///   - resources: what the connections of this loop share.
    ///   - isAccepted: true for a server's end, whose handshake counts at the gate, and which does
    ///     not read a peer that does not read.
    package init(
        descriptor: consuming OwnedDescriptor, remoteAddress: SocketAddress?,
        channel: any SecureChannel, application: any ApplicationProtocol,
        resources: ConnectionResources, isAccepted: Bool
    ) {
        socket = descriptor.raw
        self.descriptor = consume descriptor
        self.remoteAddress = remoteAddress
        self.channel = channel
        self.application = application
        self.resources = resources
        self.isAccepted = isAccepted
        loan = BufferLoan(from: resources.receiveBuffers)
        machine = StateMachine(limits: resources.limits, isAccepted: isAccepted)
    }

    /// The loop the connection lives on.
    package var reactor: Reactor { resources.reactor }

    /// The numbers the connection obeys.
    package var limits: TransportLimits { resources.limits }

    /// Begins the handshake, which on a plaintext channel is over at once.
    package func start() {
        // Without these two the connection is slower, not wrong.
        try? reactor.kernel.setNoDelay(socket)
        try? reactor.kernel.setNotSentLowWater(
            socket, bytes: Int32(limits.notSentLowWaterBytes))
        if isAccepted {
            slot = resources.gate.enter(from: remoteAddress) { [unowned self] in giveWay() }
        }
        // There is nothing to process yet, but a client begins the conversation.
        processIncoming()
        advance()
    }

    /// Asks for the application's bytes at the end of this turn.
    package func requestFlush() {
        guard !isFlushRequested, machine.phase != .closed else { return }
        isFlushRequested = true
        reactor.atEndOfTurn {
            self.isFlushRequested = false
            self.flush()
            self.advance()
        }
    }

    /// Ends the connection at the end of this turn; only the first call counts.
    package func close(_ reason: ConnectionCloseReason) {
        guard requestedClose == nil else { return }
        requestedClose = reason
        requestFlush()
    }

    /// Ends a connection on which nobody has proven anything, for the sake of others.
    ///
    /// - Returns: false if somebody has, or may be about to: then it goes on.
    @discardableResult
    package func giveWay() -> Bool {
        guard !isEstablished, slot?.isExpendable(at: reactor.now) != false else { return false }
        machine.giveWay()
        advance()
        return true
    }

    /// The handshake is over, or will never be.
    private func leaveGate() {
        guard let slot else { return }
        self.slot = nil
        resources.gate.leave(slot)
    }

    // MARK: Orders

    /// Does what the state asks for until there is nothing to do but wait.
    func advance() {
        // What is left to be said to a client that failed is no handshake any more.
        if machine.phase != .handshaking { leaveGate() }
        while let order = machine.nextOrder(unsentCount: unsentCount) {
            carryOut(order)
        }
        keepDeadline()
    }

    /// The bytes that wait to be sent, in flight or not.
    var unsentCount: Int {
        (leaving?.readableCount ?? 0) + (outgoing?.readableCount ?? 0)
    }

    private func carryOut(_ order: StateMachine.Order) {
        switch order {
        case .receiveLent: receiveLent()
        case .receive: receive()
        case .useUp: useUp()
        case .send: send()
        case .halfClose: halfClose()
        case .cancelOperations: cancelOperations()
        case .close(let reason): finish(reason)
        }
    }

    private func receiveLent() {
        receiveToken = reactor.submit(.receiveLent(socket, loan)) { outcome in
            self.receiveToken = nil
            self.incoming = self.loan.take()
            self.received(outcome)
            self.advance()
        }
    }

    private func receive() {
        let buffer = resources.receiveBuffers.take()
        incoming = buffer
        receiveToken = reactor.submit(.receive(socket, into: buffer)) { outcome in
            self.receiveToken = nil
            self.received(outcome)
            self.advance()
        }
    }

    private func received(_ outcome: Outcome) {
        var isWanted = false
        switch outcome {
        case .success(let count): isWanted = machine.received(count)
        case .failure(let errno): machine.receiveFailed(errno)
        }
        if !isWanted { giveBackIncoming() }
    }

    private func useUp() {
        guard let slot else { return useUpIncoming() }
        resources.gate.takeTurn(slot) {
            self.useUpIncoming()
            let isAnswered = self.unsentCount > 0
            self.advance()
            return isAnswered
        }
    }

    private func useUpIncoming() {
        let mayHaveMore = incoming?.writableCount == 0
        processIncoming()
        machine.processed(mayHaveMore: mayHaveMore)
    }

    private func send() {
        guard let buffer = leaving ?? outgoing else { preconditionFailure("nothing to send") }
        if leaving == nil {
            leaving = buffer
            outgoing = nil
        }
        // Most sockets take all there is: then the next connection gets a buffer that is still in the
        // processor's caches, instead of one more.
        if let outcome = reactor.sendAtOnce(socket, from: buffer) { return sent(outcome) }
        let waiting = resources.fitted(buffer)
        leaving = waiting
        stalledSince = reactor.now
        sendToken = reactor.submit(.send(socket, from: waiting)) { outcome in
            self.sendToken = nil
            self.stalledSince = nil
            self.sent(outcome)
            self.advance()
        }
    }

    private func sent(_ outcome: Outcome) {
        if case .failure(let errno) = outcome { return machine.sendFailed(errno) }
        machine.sent()
        guard let buffer = leaving, buffer.readableCount == 0 else { return }
        leaving = nil
        resources.giveBackSent(buffer)
        if mayProduceMore || application?.isFinished == true {
            requestFlush()
        }
    }

    /// Whether the kernel still has some of what was sent before.
    var isPeerLagging: Bool { mayLag && reactor.kernel.unsentByteCount(of: socket) > 0 }

    /// A failure means that the peer has gone, which the next receive will tell.
    private func halfClose() {
        try? reactor.kernel.shutdownWrite(socket)
    }

    private func cancelOperations() {
        for token in [receiveToken, sendToken] {
            if let token { reactor.cancel(token) }
        }
    }

    private func finish(_ reason: ConnectionCloseReason) {
        precondition(receiveToken == nil && sendToken == nil, "closes under an operation")
        descriptor = nil
        giveBackIncoming()
        for buffer in [outgoing, leaving] {
            if let buffer { resources.giveBackSent(buffer) }
        }
        outgoing = nil
        leaving = nil
        let application = self.application
        self.application = nil
        application?.connectionClosed(reason)
    }

    // MARK: Deadlines

    private func keepDeadline() {
        guard machine.deadline != deadline?.kind else { return }
        if let deadline { reactor.cancel(deadline.timer) }
        deadline = machine.deadline.map { kind in
            let timer = reactor.schedule(after: duration(of: kind)) {
                self.deadline = nil
                self.machine.deadlinePassed()
                self.advance()
            }
            return (kind, timer)
        }
    }

    private func duration(of deadline: StateMachine.Deadline) -> Duration {
        switch deadline {
        case .handshake: limits.handshakeDeadline
        case .drain: limits.drainDeadline
        case .linger: limits.lingerDeadline
        }
    }
}
