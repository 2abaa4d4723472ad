/// Whatever may wait: submitted to the ``Reactor``, completed by a ``Backend``.
///
/// A descriptor may have one operation in flight that takes bytes from it and one that gives it
/// some; the buffer of either belongs to the operation until it completes.
package enum Operation {
    /// Takes a connection from a listening socket; the value is its new descriptor, which is
    /// non-blocking and close-on-exec.
    case accept(listener: Int32)
    /// Connects a stream socket that ``Kernel/makeStreamSocket(for:)`` made.
    case connect(Int32, SocketAddress)
    /// Receives into the writable space of the buffer and commits it; 0 is the end of the stream.
    case receive(Int32, into: Buffer)
    /// Waits without a buffer and receives into one that is lent when something has come; 0, with
    /// nothing lent, is the end of the stream.
    case receiveLent(Int32, BufferLoan)
    /// Sends readable bytes once, as many as the socket takes, and consumes those.
    case send(Int32, from: Buffer)
    /// Reads up to `count` bytes at an absolute offset and commits them; 0 is the end of the file.
    case readFile(Int32, at: UInt64, count: Int, into: Buffer)
    /// Reads a pipe, an inotify, signal or event descriptor as soon as there is something to read;
    /// 0 is the end of a pipe.
    case readPipe(Int32, into: Buffer)
    /// Writes readable bytes to a pipe, a terminal or a file, and consumes what was taken.
    case writeStream(Int32, from: Buffer)
    /// Completes once the descriptor is readable; a pidfd is when its process has ended.
    case awaitReadable(Int32)
}

/// What became of an operation: a count or a descriptor, or why not.
package typealias Outcome = Result<Int, Errno>

/// Names one operation in flight.
///
/// Slots are reused, so the generation tells this use from the ones before: what is late for
/// an older one is recognised and dropped.
package struct Token: Hashable, Sendable {
    /// The slot.
    package let index: UInt32
    /// Which use of the slot.
    package let generation: UInt32

    /// Names the given use of a slot.
    package init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}
