/// What there is to know of a job as long as it lives, and of no other: how it is being stopped or
/// paused, where it waits, and where its processes are.
///
/// A job that has ended is kept for weeks, beside a hundred thousand others. It has none of this.
final class LiveState {
    /// The directory of its control group, if it has one; not yet while it waits.
    var controlGroup: String?
    /// How many jobs are started before it, and one more; nil unless it waits for others to end.
    var queuePosition: Int?
    var stopSequence = StopSequence()
    var pauseSequence = PauseSequence()
    /// The version of its index, once that has turned out to be all that can be known of its end.
    var unknownIndexVersion: UInt16?

    init(controlGroup: String?) {
        self.controlGroup = controlGroup
    }
}

/// Of a job that has ended, all of this is as if it had never been; what changes it changes nothing.
extension Job {
    /// The directory of its control group, while it lives and has one.
    var controlGroup: String? {
        get { live?.controlGroup }
        set { live?.controlGroup = newValue }
    }

    /// How many jobs are started before it, and one more; nil unless it waits for others to end.
    package internal(set) var queuePosition: Int? {
        get { live?.queuePosition }
        set { live?.queuePosition = newValue }
    }

    var stopSequence: StopSequence {
        get { live?.stopSequence ?? .over }
        set { live?.stopSequence = newValue }
    }

    var pauseSequence: PauseSequence {
        get { live?.pauseSequence ?? PauseSequence() }
        set { live?.pauseSequence = newValue }
    }

    var unknownIndexVersion: UInt16? {
        get { live?.unknownIndexVersion }
        set { live?.unknownIndexVersion = newValue }
    }
}
