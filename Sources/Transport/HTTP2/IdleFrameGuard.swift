/// Counts the frames that cost a peer next to nothing and bring nothing either.
///
/// A peer may send a number of them in advance, and more with every frame that does something. So
/// no clock is needed, and whoever does much work may chatter in proportion to it.
struct IdleFrameGuard {
    private let perUsefulFrame: Int
    private var allowance: Int

    init(limits: HTTP2Limits) {
        perUsefulFrame = limits.idleFramesPerUsefulOne
        allowance = limits.idleFrames
    }

    /// A frame, of either side, did something.
    mutating func usefulFrame() {
        allowance += perUsefulFrame
    }

    /// Takes one from the allowance; true for the first one there was nothing left for.
    mutating func idleFrameIsOneTooMany() -> Bool {
        allowance -= 1
        return allowance == -1
    }
}
