import Reactor

/// Turns TERM, INT and HUP into calls on the loop.
final class SignalWatch {
    /// signal(7), the same on every architecture Linux has.
    static let hangUp: Int32 = 1
    static let interrupt: Int32 = 2
    static let terminate: Int32 = 15

    private let reactor: Reactor
    private let descriptor: OwnedDescriptor
    private let buffer = Buffer(capacity: SignalEvents.recordSize * 4)
    private let received: (SignalEvent) -> Void
    private var read: Token?

    init(
        _ reactor: Reactor, _ received: @escaping (SignalEvent) -> Void
    ) throws(Errno) {
        self.reactor = reactor
        self.received = received
        descriptor = try reactor.kernel.makeSignalDescriptor([
            Self.hangUp, Self.interrupt, Self.terminate,
        ])
        readNext()
    }

    /// Listens no more; the descriptor is closed with this object.
    func cancel() {
        if let read { reactor.cancel(read) }
    }

    private func readNext() {
        read = reactor.submit(.readPipe(descriptor.raw, into: buffer)) { outcome in
            self.read = nil
            guard case .success = outcome else { return }
            for event in SignalEvents(self.buffer) { self.received(event) }
            self.readNext()
        }
    }
}
