import Glibc
import Reactor

/// The loop, the two streams and ^C: what there is before any verb is known.
final class Console {
    let reactor: Reactor

    private let writer: OutputWriter
    private let interruption: Interruption?

    init(reactor: Reactor, writer: OutputWriter, interruption: Interruption?) {
        self.reactor = reactor
        self.writer = writer
        self.interruption = interruption
    }

    /// Turns the loop until `isDone`, unless the user or the reader of our output has had enough.
    func turn(until isDone: () -> Bool) throws(Failure) {
        while !isDone() {
            if isInterrupted { throw .interrupted }
            if let failure = writer.failure { throw failure }
            do {
                try reactor.turn()
            } catch {
                throw .local("the event loop failed: \(error)")
            }
        }
    }

    /// Hands bytes to the writer; `whenWritten` is told when they are gone.
    func write(
        _ bytes: UnsafeRawBufferPointer, to stream: OutputStream, whenWritten: (() -> Void)? = nil
    ) {
        writer.write(bytes, to: stream, whenWritten: whenWritten)
    }

    func write(_ text: String, to stream: OutputStream) {
        writer.write(text, to: stream)
    }

    /// Returns when all that was given to write is written.
    func flush() throws(Failure) {
        try turn { writer.isDrained }
        if let failure = writer.failure { throw failure }
    }

    /// Writes what is left after a failure.
    ///
    /// Data that nobody takes is given up after ^C, since a paused pager would hold us for ever; what
    /// was said is still written, unless the user presses ^C once more.
    func drain() {
        if isInterrupted { writer.abandonData() }
        let patience = interruptions + 1
        while !writer.isDrained, interruptions < patience {
            // A loop that fails here has nobody left to tell.
            guard (try? reactor.turn()) != nil else { return }
        }
    }

    /// Whether a person reads what is said.
    var talksToTerminal: Bool { isatty(2) == 1 }

    private var interruptions: Int { interruption?.count ?? 0 }
    private var isInterrupted: Bool { interruptions > 0 }
}
