import CLinux
import Glibc

/// What trying an operation has come to.
enum Attempt {
    /// It is done, well or badly.
    case done(Outcome)
    /// It has to wait until the descriptor is ready.
    case wouldBlock
    /// The bytes are not in the page cache: a worker has to wait for the disk.
    case wouldReadDisk
}

/// Which readiness a waiting operation waits for.
enum Direction {
    case read
    case write
}

/// The operations in terms of readiness: what to try at once and what to try when it has come.
extension Operation {
    /// The descriptor it is about.
    var descriptor: Int32 {
        switch self {
        case .accept(let raw), .connect(let raw, _), .receive(let raw, _),
            .receiveLent(let raw, _), .send(let raw, _), .readFile(let raw, _, _, _),
            .readPipe(let raw, _), .writeStream(let raw, _),
            .awaitReadable(let raw):
            raw
        }
    }

    /// What its buffer is lent through, if it waits without one.
    var loan: BufferLoan? {
        if case .receiveLent(_, let loan) = self { loan } else { nil }
    }

    /// What it waits for when it cannot be done at once.
    var direction: Direction {
        switch self {
        case .accept, .receive, .receiveLent, .readFile, .readPipe, .awaitReadable: .read
        case .connect, .send, .writeStream: .write
        }
    }

    /// The first try, when the operation is submitted.
    func begin() -> Attempt {
        switch self {
        case .connect(let raw, let address): Self.beginConnect(raw, address)
        // Who waits without a buffer expects nothing to be there yet.
        case .awaitReadable, .receiveLent: .wouldBlock
        default: resume()
        }
    }

    /// Another try, now that the descriptor is said to be ready.
    func resume() -> Attempt {
        switch self {
        case .accept(let listener): Self.accept(listener)
        case .connect(let raw, _): .done(Self.finishConnect(raw))
        case .receive(let raw, let buffer): Self.receive(raw, buffer)
        case .receiveLent(let raw, let loan): Self.receive(raw, loan)
        case .send(let raw, let buffer): Self.send(raw, buffer)
        case .readFile(let raw, let offset, let count, let buffer):
            Self.readCached(raw, at: offset, count, buffer)
        case .readPipe(let raw, let buffer): Self.readPipe(raw, buffer)
        case .writeStream(let raw, let buffer): StreamWrite.attempt(raw, buffer)
        case .awaitReadable: .done(.success(0))
        }
    }

    private static func accept(_ listener: Int32) -> Attempt {
        Attempt(outcome(of: "accept4") { Int(clinux_accept(listener)) })
    }

    private static func beginConnect(_ raw: Int32, _ address: SocketAddress) -> Attempt {
        do throws(Errno) {
            try unsafe address.withCAddress { (pointer, length) throws(Errno) in
                _ = try retrying("connect") { unsafe Glibc.connect(raw, pointer, length) }
            }
            return .done(.success(0))
        } catch {
            return error == .inProgress ? .wouldBlock : .done(.failure(error))
        }
    }

    /// A connect that has begun leaves its verdict in SO_ERROR; connect(2), EINPROGRESS.
    private static func finishConnect(_ raw: Int32) -> Outcome {
        var verdict: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let asked = outcome(of: "getsockopt") {
            Int(unsafe getsockopt(raw, SOL_SOCKET, SO_ERROR, &verdict, &size))
        }
        guard verdict == 0 else { return .failure(Errno(rawValue: verdict)) }
        return asked
    }

    private static func receive(_ raw: Int32, _ buffer: Buffer) -> Attempt {
        unsafe filling(buffer) { bytes in
            outcome(of: "recv") { unsafe recv(raw, bytes.baseAddress, bytes.count, 0) }
        }
    }

    private static func receive(_ raw: Int32, _ loan: BufferLoan) -> Attempt {
        let buffer = loan.pool.take()
        let attempt = receive(raw, buffer)
        if buffer.readableCount > 0 { loan.lend(buffer) } else { loan.pool.giveBack(buffer) }
        return attempt
    }

    private static func send(_ raw: Int32, _ buffer: Buffer) -> Attempt {
        let sent = unsafe buffer.withReadableBytes { bytes in
            outcome(of: "send") {
                // A peer that is gone is an error of this operation, not a signal to the process.
                unsafe Glibc.send(raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
        }
        if case .success(let count) = sent { buffer.consume(count) }
        return Attempt(sent)
    }

    private static func readCached(
        _ raw: Int32, at offset: UInt64, _ count: Int, _ buffer: Buffer
    ) -> Attempt {
        let attempt = unsafe filling(buffer) { bytes in
            outcome(of: "preadv2") {
                unsafe clinux_read_cached(raw, bytes.baseAddress, count, Int64(offset))
            }
        }
        return switch attempt {
        // Some file systems do not know RWF_NOWAIT at all.
        case .wouldBlock, .done(.failure(.notSupported)): .wouldReadDisk
        default: attempt
        }
    }

    private static func readPipe(_ raw: Int32, _ buffer: Buffer) -> Attempt {
        // Standard input may be blocking, and must stay so for those who share it.
        guard Readiness.isNonBlocking(raw) || Readiness.poll(raw, Int16(POLLIN)) else {
            return .wouldBlock
        }
        return unsafe filling(buffer) { bytes in
            outcome(of: "read") { unsafe read(raw, bytes.baseAddress, bytes.count) }
        }
    }

    private static func filling(
        _ buffer: Buffer, _ call: (UnsafeMutableRawBufferPointer) -> Outcome
    ) -> Attempt {
        let filled = unsafe buffer.withWritableBytes { unsafe call($0) }
        if case .success(let count) = filled { buffer.commit(count) }
        return Attempt(filled)
    }
}

extension Attempt {
    /// EAGAIN means wait, everything else is an outcome.
    init(_ outcome: Outcome) {
        if case .failure(.again) = outcome { self = .wouldBlock } else { self = .done(outcome) }
    }
}
