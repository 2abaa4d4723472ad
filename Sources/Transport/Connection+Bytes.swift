import Reactor

/// Between the buffers and the application: everything here is done before anything waits.
extension Connection {
    // MARK: From the peer

    /// Lets the channel and the application have what has arrived, and gives the buffer back: its
    /// bytes are used up, or no longer wanted.
    func processIncoming() {
        defer { giveBackIncoming() }
        guard machine.isHearing, requestedClose == nil else { return }
        let input = incoming ?? resources.receiveBuffers.take()
        incoming = input
        do {
            try establish(with: input)
            try deliver(input)
        } catch {
            machine.end(.handshakeFailed(error))
            if !isEstablished { channel.abandon() }
        }
        giveBackOutgoing()
        if application?.isFinished == true {
            requestFlush()
        }
    }

    private func establish(with input: Buffer) throws(TLSFailure) {
        guard !isEstablished else { return }
        isEstablished = try channel.handshake(
            reading: input, answering: borrowOutgoing(), now: reactor.now)
        guard isEstablished else { return }
        machine.handshakeCompleted()
        application?.connectionEstablished(
            self, peer: channel.peer, security: channel.security)
    }

    /// Decrypts piece by piece; the application may have had enough after any of them.
    private func deliver(_ input: Buffer) throws(TLSFailure) {
        let plaintext = resources.incomingPlaintext
        while isEstablished, requestedClose == nil {
            let result = try channel.decrypt(
                input, into: plaintext, answering: borrowOutgoing(), now: reactor.now)
            switch result {
            case .plaintext:
                unsafe plaintext.withReadableBytes { unsafe application?.receive($0) }
                plaintext.clear()
            case .needsInput:
                return
            case .peerSaidGoodbye:
                return machine.end(.peerClosed)
            }
        }
    }

    func giveBackIncoming() {
        guard let buffer = incoming else { return }
        incoming = nil
        resources.receiveBuffers.giveBack(buffer)
    }

    // MARK: To the peer

    /// Lets the application produce, or ends the connection if it has asked for that.
    func flush() {
        if let reason = requestedClose {
            sayFarewell(reason)
        } else if machine.phase == .open {
            produce()
            if !mayProduceMore, unsentCount == 0, application?.isFinished == true {
                sayFarewell(.finished)
            }
        }
        giveBackOutgoing()
    }

    private func sayFarewell(_ reason: ConnectionCloseReason) {
        if machine.phase == .open, reason.allowsFarewell {
            produceBatch()
            channel.appendGoodbye(to: borrowOutgoing(), now: reactor.now)
        }
        machine.end(reason)
    }

    /// One batch at a time: while it is being sent, nothing more is asked for.
    private func produce() {
        if machine.isSending {
            mayProduceMore = true
        } else {
            produceBatch()
        }
    }

    private func produceBatch() {
        let output = borrowOutgoing()
        guard output.writableCount >= resources.encryptedBatchBytes else {
            // What TLS had to say goes first; when it is sent we come back here.
            mayProduceMore = true
            return
        }
        let small = resources.smallPlaintext
        let mayBeFull = resources.hasRoomForFullBatch && !isPeerLagging
        let plaintext = mayBeFull ? resources.outgoingPlaintext : small
        application?.produce(into: plaintext)
        mayProduceMore = plaintext.writableCount == 0
        // After a few bytes it is not worth asking the kernel what became of them.
        mayLag = plaintext.readableCount > small.capacity / 2
        do {
            try channel.encrypt(plaintext, into: output, now: reactor.now)
        } catch {
            machine.end(.handshakeFailed(error))
        }
        plaintext.clear()
    }

    private func borrowOutgoing() -> Buffer {
        let buffer = outgoing ?? resources.sendBuffers.take()
        outgoing = buffer
        return buffer
    }

    private func giveBackOutgoing() {
        guard let buffer = outgoing, buffer.readableCount == 0 else { return }
        outgoing = nil
        resources.sendBuffers.giveBack(buffer)
    }
}
