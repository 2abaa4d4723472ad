/// Which threads beside the loop there are: one of a kind that works in order, unless it says otherwise.
package enum WorkerKind: CaseIterable, Hashable, Sendable {
    /// Creating, removing and synchronizing files, and reads that would wait for the disk.
    case files
    /// Starting processes, a few at a time and so in no order: whoever does it sleeps until the child
    /// executes its program.
    case processes
    /// The database of job records.
    case storage
    /// Images, whose files are large: nobody who starts a job waits for them.
    case images
}

/// What carries out operations: epoll, io_uring, or the tests' simulated machine.
///
/// A backend owes each submitted token exactly one completion, never from inside `submit`. It may
/// try the operation at once. It does not know what operations are for.
package protocol Backend: AnyObject {
    /// What it is called where users see it.
    var name: String { get }

    /// Where other threads leave news for the loop.
    var inbox: Inbox<ReactorNews> { get }

    /// Begins an operation.
    func submit(_ operation: Operation, as token: Token)

    /// Sends what a socket takes at once, where that is no dearer than to submit the send.
    ///
    /// - Returns: The outcome; nil where it must be submitted, and then nothing has been sent.
    func sendAtOnce(_ raw: Int32, from buffer: Buffer) -> Outcome?

    /// Ends an operation early with ``Errno/canceled``, unless it is done already; an unknown token
    /// is ignored.
    func cancel(_ token: Token)

    /// Waits until there are completions or news, at most until `deadline`, and appends the
    /// completions.
    func wait(until deadline: Instant?, into completions: inout CompletionQueue) throws(Errno)

    /// Runs `work` on a thread of that kind, begun after all work it got before.
    func perform(on kind: WorkerKind, _ work: @escaping @Sendable () -> Void)
}
