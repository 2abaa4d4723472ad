/// Every number this room obeys that is no fact about the kernel, with the reason beside it.
package enum ReactorLimits {
    // MARK: Turns

    /// Handlers of completions in one turn: one loud descriptor must not starve timers and flushes.
    static let completionsPerTurn = 256

    /// How long a turn may take until the loop looks what else has happened: much may come at once, and
    /// each of it may be some work.
    static let turnPatience: Duration = .microseconds(50)

    /// To tell ten thousand followers takes some 50 ms: whoever else waits has a turn in between.
    static let endOfTurnPatience: Duration = .microseconds(200)

    // MARK: Rings

    /// Room for what one turn submits at most, as a rule: the rest waits in a backlog.
    static let ringRequests: UInt32 = 1024

    /// Room for completions, as a multiple of that for requests.
    static let completionsPerRequest: UInt32 = 4

    /// How long a ring sleeps at most when the kernel takes no request for want of memory: others may
    /// free some of which nobody tells.
    static let retryPause: Duration = .milliseconds(10)

    // MARK: Accepting

    /// Connections that are accepted before anybody asks for them, at most.
    ///
    /// A request that accepts again and again ends when the completions have no more room, and the
    /// next one begins when all of its connections have been asked for.
    package static let connectionsAhead = Int(ringRequests * completionsPerRequest)

    /// With fewer descriptors than this, connections are accepted one by one.
    ///
    /// What is accepted ahead is nobody's share yet. The daemon's clients and jobs may have 16,384
    /// and as many, and its own 28; what is left of this is twice ``connectionsAhead``.
    package static let descriptorsForBursts = 48 << 10
}
