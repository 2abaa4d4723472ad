/// What a daemon may ask of a running shim.
///
/// A command is a real-time signal, queued to the shim's pidfd with a value
/// (pidfd_send_signal(2), `SI_QUEUE`), so it needs no connection and also reaches a shim that
/// another life of the daemon started. The numbers are fixed, not relative to `SIGRTMIN`, because
/// that is the C library's choice and daemon and shim may be linked to different ones.
package enum ShimCommand: Int32, CaseIterable, Sendable {
    /// Sends the signal in the value to the leader.
    case signal = 40
    /// Sends the signal in the value to the leader's process group, as the first step of a stop.
    case stopSignal = 41
    /// Kills all of the job, now.
    ///
    /// The value means nothing.
    case kill = 42
    /// Sends SIGTERM to the leader's process group, because the job's time is over.
    ///
    /// A command of its own, so that the end record can say why; without a value, so that nothing
    /// can keep it from the shim.
    case timeOver = 43
    /// Keeps log and index within the value, in KiB, if the job keeps its newest output; zero goes
    /// back to what the plan says, and more than that is never kept.
    case limitLog = 44

    /// The number of the real-time signal that carries the command.
    package var signalNumber: Int32 { rawValue }
}
