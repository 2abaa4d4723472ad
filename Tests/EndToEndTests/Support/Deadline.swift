import Glibc

/// A moment by which something must have happened, so that a test that hangs says where.
struct Deadline {
    /// Long enough for a busy machine, and short enough to be read about: before the limit of a suite.
    static var generous: Deadline { Deadline(seconds: 180) }

    private let end: Int

    init(seconds: Int) { end = Self.milliseconds + seconds * 1_000 }

    /// What `poll(2)` takes; zero when it is over.
    var remainingMilliseconds: Int32 { Int32(clamping: max(0, end - Self.milliseconds)) }
    var isOver: Bool { remainingMilliseconds == 0 }

    /// CLOCK_MONOTONIC.
    static var milliseconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
    }
}
