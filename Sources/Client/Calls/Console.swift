import Glibc
import Reactor

/// The loop, the two streams and ^C: what there is before any verb is known.
final class Console {
    let reactor: Reactor

    private let writer: OutputWriter
    private let interruption: Interruption?
    /// When the user does not want to wait any longer, if ever.
    private var deadline: Instant?

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
            if let deadline, reactor.now >= deadline { throw .timeOver }
            do {
                try reactor.turn()
            } catch {
                throw .local("the event loop failed: \(error)")
            }
        }
    }

    /// Returns when that much time is over.
    func pause(for duration: Duration) throws(Failure) {
        var isOver = false
        let timer = reactor.schedule(after: duration) { isOver = true }
        defer { reactor.cancel(timer) }
        try turn { isOver }
    }

    /// Does `work`, which fails with `Failure.timeOver` when it waits longer than `duration`.
    func limited<Value>(
        to duration: Duration?, _ work: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard let duration else { return try work() }
        // The timer has nothing to do but to make the loop turn.
        let timer = reactor.schedule(after: duration) {}
        deadline = reactor.now + duration
        defer {
            deadline = nil
            reactor.cancel(timer)
        }
        return try work()
    }

    /// Hands bytes to the writer; `whenWritten` is told when they are gone.
    func write(
        _ bytes: UnsafeRawBufferPointer, to stream: OutputStream, whenWritten: (() -> Void)? = nil
    ) {
        writer.write(bytes, to: stream, whenWritten: whenWritten)
    }

    func write(_ text: String, to stream: OutputStream, whenWritten: (() -> Void)? = nil) {
        Array(text.utf8).withUnsafeBytes { writer.write($0, to: stream, whenWritten: whenWritten) }
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
