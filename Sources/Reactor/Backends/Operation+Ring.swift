import Glibc

/// The operations in terms of requests: what to ask the ring for and what its answer means.
extension Operation {
    /// The request that carries it out.
    ///
    /// - Parameters:
    ///   - address: Where a connect goes, in the form of C.
    ///   - group: From which buffers are lent.
    /// - Returns: The request, still without a name.
    func request(to address: Buffer?, lending group: UInt16) -> RingRequest {
        switch self {
        case .connect(let raw, _): .connect(raw, to: address)
        case .receive(let raw, let buffer): .receive(raw, into: buffer)
        case .receiveLent(let raw, _): .receive(raw, fromGroup: group)
        case .send(let raw, let buffer): .send(raw, from: buffer)
        case .readFile(let raw, let offset, let count, let buffer):
            .readFile(raw, at: offset, count: count, into: buffer)
        case .readPipe(let raw, let buffer): .readStream(raw, into: buffer)
        case .awaitReadable(let raw): .poll(raw, .read)
        case .accept: preconditionFailure("a listener's requests are its acceptor's")
        case .writeStream: preconditionFailure("shared streams are written by the loop")
        }
    }

    /// Whether it only tells that something could be done.
    var isPoll: Bool {
        if case .awaitReadable = self { true } else { false }
    }

    /// Whether it is lent a buffer.
    var isLent: Bool {
        if case .receiveLent = self { true } else { false }
    }

    /// The system call that would do the same.
    var callName: StaticString {
        switch self {
        case .accept: "accept"
        case .connect: "connect"
        case .receive, .receiveLent: "recv"
        case .send: "send"
        case .readFile: "pread"
        case .readPipe: "read"
        case .writeStream: "write"
        case .awaitReadable: "poll"
        }
    }

    /// Gives the buffer its bytes, or takes them, and says what the outcome is to the caller.
    ///
    /// - Parameter outcome: The kernel's.
    /// - Returns: The caller's.
    func settled(_ outcome: Outcome) -> Outcome {
        guard case .success(let count) = outcome else { return outcome }
        switch self {
        case .receive(_, let buffer), .readFile(_, _, _, let buffer), .readPipe(_, let buffer):
            buffer.commit(count)
        case .send(_, let buffer), .writeStream(_, let buffer):
            buffer.consume(count)
        case .awaitReadable:
            // The count is a mask of events.
            return .success(0)
        // What was lent knows its bytes already.
        case .accept, .connect, .receiveLent:
            break
        }
        return outcome
    }
}
