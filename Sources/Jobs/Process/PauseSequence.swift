/// Freeze, wait, thaw: how a job is paused.
///
/// Pure: the owner of the machine writes to the control group, looks at it, and keeps the time. A
/// process freezes when it leaves the kernel, so a group is frozen some time after it was told to.
struct PauseSequence {
    private enum Phase: Equatable {
        case running
        case freezing
        case frozen
    }

    /// What the owner of the machine is to do next.
    enum Action: Equatable {
        case nothing
        /// Tell the group to freeze, and call ``looked(isFrozen:)`` with what it says.
        case freeze
        /// Look at the group again after a while; ``patienceOver()`` when that has taken too long.
        case lookAgain
        /// Tell the group to thaw.
        case thaw
        /// Tell those who wait for the pause that it is there.
        case announcePause
        /// Tell the group to thaw, and those who wait for the pause that there is none.
        case giveUp
    }

    private var phase = Phase.running

    /// Whether all of the job stands still.
    var isPaused: Bool { phase == .frozen }

    /// Somebody wants the job to stand still.
    mutating func pause() -> Action {
        switch phase {
        case .running:
            phase = .freezing
            return .freeze
        case .freezing: return .nothing
        case .frozen: return .announcePause
        }
    }

    /// The group was looked at.
    mutating func looked(isFrozen: Bool) -> Action {
        guard phase == .freezing else { return .nothing }
        guard isFrozen else { return .lookAgain }
        phase = .frozen
        return .announcePause
    }

    /// A process of the job waits in the kernel, and may do so for ever.
    mutating func patienceOver() -> Action {
        guard phase == .freezing else { return .nothing }
        phase = .running
        return .giveUp
    }

    /// The job is to go on: because somebody wants it, or because it is to hear a signal.
    mutating func resume() -> Action {
        guard phase != .running else { return .nothing }
        let wasFreezing = phase == .freezing
        phase = .running
        return wasFreezing ? .giveUp : .thaw
    }

    /// The group could not be told to thaw: all of it stands still, or comes to.
    mutating func thawFailed() {
        if phase == .running { phase = .frozen }
    }

    /// Another life of the supervisor had paused the job.
    mutating func found() {
        phase = .frozen
    }
}
