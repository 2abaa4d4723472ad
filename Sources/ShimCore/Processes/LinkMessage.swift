package import ShimProtocol

/// What the shim asks of the first process of a job's PID namespace.
///
/// Both are the same program, one forked from the other, so the messages between them need no
/// version.
package enum LinkCommand: Equatable {
    case send(signal: Int32, to: SignalTarget)
    case killEverything

    private static let killTag: UInt8 = 0

    /// The message.
    package var encoded: [UInt8] {
        switch self {
        case .killEverything: [Self.killTag]
        case .send(let signal, let target): [target.rawValue, UInt8(clamping: signal)]
        }
    }

    /// Reads a message.
    package init?(decoding message: [UInt8]) {
        switch (message.count, message.first) {
        case (1, Self.killTag):
            self = .killEverything
        case (2, let tag?):
            guard let target = SignalTarget(rawValue: tag) else { return nil }
            self = .send(signal: Int32(message[1]), to: target)
        default:
            return nil
        }
    }
}

/// What the first process of a job's PID namespace tells the shim.
package enum LinkReport: Equatable {
    /// The program runs, in a process that has this PID in the namespace.
    case started(innerPID: Int32)
    case failed(StartFailure)
    case leaderEnded(ProcessEnd)

    private static let startedTag: UInt8 = 1
    private static let exitedTag: UInt8 = 2
    private static let signaledTag: UInt8 = 3
    private static let failedTag: UInt8 = 4

    /// The message.
    package var encoded: [UInt8] {
        switch self {
        case .started(let innerPID): [Self.startedTag] + Self.bytes(of: innerPID)
        case .failed(let failure): [Self.failedTag] + failure.report.encoded()
        case .leaderEnded(.exited(let code)): [Self.exitedTag, UInt8(clamping: code)]
        case .leaderEnded(.signaled(let number)): [Self.signaledTag, UInt8(clamping: number)]
        }
    }

    /// Reads a message.
    package init?(decoding message: [UInt8]) {
        switch (message.count, message.first) {
        case (5, Self.startedTag):
            self = .started(innerPID: Self.number(in: message.dropFirst()))
        case (2, Self.exitedTag):
            self = .leaderEnded(.exited(code: Int32(message[1])))
        case (2, Self.signaledTag):
            self = .leaderEnded(.signaled(number: Int32(message[1])))
        case (_, Self.failedTag):
            guard let failure = StartFailure(encodedReport: Array(message.dropFirst())) else {
                return nil
            }
            self = .failed(failure)
        default:
            return nil
        }
    }

    private static func bytes(of number: Int32) -> [UInt8] {
        stride(from: 0, to: 32, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func number(in bytes: ArraySlice<UInt8>) -> Int32 {
        bytes.reversed().reduce(0) { number, byte in number << 8 | Int32(byte) }
    }
}

extension StartFailure {
    /// The failure in an encoded `StartReport`, if that is what the bytes are.
    package init?(encodedReport bytes: [UInt8]) {
        guard case .failed(let stage, let errno, let detail) = try? StartReport(decoding: bytes)
        else { return nil }
        self.init(stage: stage, errno: errno, detail: detail)
    }
}
