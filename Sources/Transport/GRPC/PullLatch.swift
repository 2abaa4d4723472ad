/// Keeps a wake-up that comes while the source is being asked.
///
/// The source says "not yet", but its news arrived in between, from another follower's read or
/// from within `next()` itself: without the latch the stream would sleep with work to do. And who
/// has said "not yet" is not asked again before it calls.
struct PullLatch {
    /// Whether the source had nothing when it was asked last, and has not called since.
    private(set) var isDry = false
    private var isPulling = false
    private var isWoken = false

    mutating func begin() {
        precondition(!isPulling, "a source is asked while it is being asked")
        isPulling = true
        isWoken = false
    }

    /// Returns true if the wake-up is kept for the end of the pull.
    mutating func wake() -> Bool {
        isDry = false
        if isPulling { isWoken = true }
        return isPulling
    }

    /// Returns true if the source must be asked again.
    mutating func end(foundNothing: Bool) -> Bool {
        isPulling = false
        isDry = foundNothing && !isWoken
        return foundNothing && isWoken
    }
}
