import Reactor

/// Listens for ^C: as a read of a descriptor, so that it can come at any time and break nothing.
final class Interruption {
    /// How often the user has had enough.
    private(set) var count = 0

    private let reactor: Reactor
    private let descriptor: OwnedDescriptor
    private let buffer = Buffer(capacity: 8 * SignalEvents.recordSize)

    /// From here on SIGINT does not end the process any more; it is only counted.
    init(reactor: Reactor) throws(Errno) {
        self.reactor = reactor
        descriptor = try reactor.kernel.makeSignalDescriptor([2])  // SIGINT, signal(7)
        listen()
    }

    private func listen() {
        reactor.submit(.readPipe(descriptor.raw, into: buffer)) { outcome in
            guard case .success = outcome else { return }
            for _ in SignalEvents(self.buffer) { self.count += 1 }
            self.listen()
        }
    }
}
