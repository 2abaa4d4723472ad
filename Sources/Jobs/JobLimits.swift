/// Every number this room obeys, with its reason.
package struct JobLimits: Sendable {
    /// A message of the API carries at most so many bytes of output; one read fetches them.
    package var chunkBytes = 64 * 1024
    /// And at most so many runs, so that a log of tiny pieces cannot make a message grow.
    package var runsPerChunk = 256
    /// One read of an index: 256 records, as many as a chunk can use.
    package var indexBlockBytes = 16 * 1024
    /// Buffers of output kept for the next follower; more at a time come from the allocator.
    package var keptBuffers = 64
    /// Looking again at a hot log costs a fraction of being told of each write, and nobody notices
    /// so short a delay.
    package var hotLogTick: Duration = .milliseconds(2)
    /// How much longer than its grace a stop waits for a start that hangs, before it is given up.
    package var startPatience: Duration = .seconds(5)
    /// Each spawn blocks the loop for 150 µs; more in one turn and followers would notice.
    package var spawnsPerTurn = 4
    /// Repeated requests are recognised as long as the request is among so many last ones.
    package var rememberedRequests = 100_000
    /// A control group whose processes are being killed is tried again so often, so much apart.
    package var groupRemovalAttempts = 50
    package var groupRemovalInterval: Duration = .milliseconds(100)

    /// The limits as they are.
    package init() {}
}
