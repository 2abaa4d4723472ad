/// What goes wrong on a simulated machine, and how often.
package struct FaultPlan: Sendable {
    /// How often a read takes fewer bytes than it could.
    package var shortReads = 0.0
    /// How often a write is taken only in part.
    package var shortWrites = 0.0
    /// How often something that is ready is not looked at in this round, as after EAGAIN.
    package var delays = 0.0
    /// How often an operation takes time, as on a busy disk or a long line: up to 5 ms.
    package var slowness = 0.0
    /// How often an operation that reads a file takes longer, as on a busy disk: up to 20 ms.
    package var slowReads = 0.0
    /// How often what is to be read from a file is not in the page cache.
    package var uncachedReads = 0.0
    /// Whether things that are ready complete in any order, instead of the one they began in.
    package var shuffles = false
    /// How often, in the middle of a system call of a shim, everybody else goes on.
    package var interruptions = 0.0
    /// How often reading a file fails with EIO.
    package var readErrors = 0.0
    /// The same for reads that are operations of a loop only, and those from the page
    /// cache: the content of logs, not their ends.
    package var operationErrors = 0.0
    /// How often writing or synchronizing a file fails with EIO.
    package var writeErrors = 0.0
    /// Directories whose names cannot be put on the disk: EIO.
    package var unsynchronizable: Set<String> = []
    /// So many descriptors may be open at once; then comes EMFILE.
    package var descriptorsMax = 1024
    /// Whether no signal with a value can be queued any more; see RLIMIT_SIGPENDING.
    package var refusesQueuedSignals = false
    /// So many bytes fit on the disk; then comes ENOSPC.
    package var diskBytesMax = Int.max
    /// Whether the file system can give up the front of a file.
    package var canPunch = true
    /// How often a change cannot be put on record: half of the times for want of space.
    package var commitFailures = 0.0
    /// Whether nothing can be put on record for want of space.
    package var recordsAreFull = false
    /// So long may a transaction of the records take; the seed says how long each does.
    package var commitDelayMax: Duration = .zero
    /// So many events fit into an inotify queue; then comes an overflow.
    package var inotifyEventsMax = 16_384
    /// So many bytes fit into a pipe or one direction of a socket.
    package var streamBytesMax = 64 * 1024

    /// Nothing goes wrong.
    package static let none = FaultPlan()

    /// Whatever a program has to bear with from any kernel, drawn from a seed: two seeds differ in
    /// what goes wrong, not only in when.
    package static func bearable(seed: UInt64) -> FaultPlan {
        var random = SeededGenerator(seed: seed)
        var plan = FaultPlan()
        plan.shortReads = random.happens(0.5) ? .random(in: 0..<0.9, using: &random) : 0
        plan.shortWrites = random.happens(0.5) ? .random(in: 0..<0.9, using: &random) : 0
        plan.delays = random.happens(0.5) ? .random(in: 0..<0.9, using: &random) : 0
        plan.shuffles = random.happens(0.5)
        plan.inotifyEventsMax = random.happens(0.3) ? .random(in: 1..<8, using: &random) : 16_384
        plan.streamBytesMax = .random(in: 1...64 * 1024, using: &random)
        plan.commitDelayMax = .milliseconds(
            random.happens(0.5) ? .random(in: 1...100, using: &random) : 0)
        plan.uncachedReads = random.happens(0.5) ? .random(in: 0...1, using: &random) : 0
        return plan
    }
}
