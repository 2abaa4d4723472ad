import CLinux

/// One signal, as signalfd(2) tells it.
package struct SignalEvent: Hashable, Sendable {
    /// Which signal.
    package let number: Int32
    /// Who sent it; 0 when it was the kernel.
    package let sender: Int32
    /// The number that came along with sigqueue(3) or pidfd_send_signal(2), otherwise 0.
    package let value: Int32

    /// Puts an event together.
    package init(number: Int32, sender: Int32, value: Int32) {
        self.number = number
        self.sender = sender
        self.value = value
    }
}

/// The signals in a buffer that `readPipe` has filled from a signal descriptor.
///
/// Iterating consumes the records; the kernel gives whole ones only.
package struct SignalEvents: Sequence, IteratorProtocol {
    /// Bytes of one record; a buffer for signals has room for at least one.
    package static let recordSize = MemoryLayout<signalfd_siginfo>.size

    private let buffer: Buffer

    /// Reads from `buffer` and consumes what it has read.
    package init(_ buffer: Buffer) {
        self.buffer = buffer
    }

    /// The next signal, or nil when the buffer is empty.
    package mutating func next() -> SignalEvent? {
        guard buffer.readableCount > 0 else { return nil }
        precondition(buffer.readableCount >= Self.recordSize, "the kernel splits no signal record")
        let record = unsafe buffer.withReadableBytes {
            unsafe $0.loadUnaligned(as: signalfd_siginfo.self)
        }
        buffer.consume(Self.recordSize)
        return SignalEvent(
            number: Int32(record.ssi_signo), sender: Int32(bitPattern: record.ssi_pid),
            value: record.ssi_int)
    }
}
