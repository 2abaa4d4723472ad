package import Reactor
package import Transport

/// One end of a ``Pair``: stands in for the connection.
package final class PairEnd: ConnectionControl {
    /// What speaks at this end.
    package let application: any ApplicationProtocol
    /// The loop of both ends.
    package let reactor: Reactor
    /// The numbers both ends obey.
    package let limits: TransportLimits
    /// Where the other end is supposed to be.
    package let remoteAddress: SocketAddress? = SocketAddress(parsing: "127.0.0.1:4711")

    /// Why this end closed, once it has.
    package private(set) var closeReason: ConnectionCloseReason?
    /// Set to stop this end from reading, as a stopped process does.
    package var isStopped = false
    /// The wire takes everything.
    package let stalledSince: Instant? = nil

    var wire: [UInt8] = []
    private let buffer: Buffer
    private var wantsFlush = false
    private var pendingClose: ConnectionCloseReason?

    init(
        _ application: any ApplicationProtocol, reactor: Reactor, limits: TransportLimits,
        capacity: Int
    ) {
        self.application = application
        self.reactor = reactor
        self.limits = limits
        buffer = Buffer(capacity: capacity)
    }

    /// Whether the connection is gone at this end.
    package var isClosed: Bool { closeReason != nil }

    var canReceive: Bool { !isClosed && pendingClose == nil }

    /// Asks for bytes at the next round.
    package func requestFlush() {
        wantsFlush = true
    }

    /// Ends the connection, after a last word.
    package func close(_ reason: ConnectionCloseReason) {
        guard canReceive else { return }
        pendingClose = reason
        wantsFlush = reason.allowsFarewell
    }

    func receive(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { application.receive($0) }
    }

    /// Lets the application write for as long as it has something, and tells whether it had.
    func flush() -> Bool {
        guard !isClosed else { return false }
        var hasProduced = false
        while wantsFlush, !isStopped {
            wantsFlush = false
            application.produce(into: buffer)
            hasProduced = hasProduced || buffer.readableCount > 0
            wire += buffer.bytes
            if buffer.readableCount > 0 { wantsFlush = true }
            buffer.clear()
        }
        return closeIfDone() || hasProduced
    }

    private func closeIfDone() -> Bool {
        if pendingClose == nil, application.isFinished { pendingClose = .finished }
        guard let reason = pendingClose else { return false }
        closeReason = reason
        application.connectionClosed(reason)
        return true
    }
}
