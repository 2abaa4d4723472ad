/// Keeps the processes of a job: starts the leader, hears of its end, signals it, kills the rest.
///
/// It has two bodies. `LocalKeeper` has the leader for its own child; `RemoteKeeper` speaks to the
/// first process of a PID namespace, inside of which another `LocalKeeper` does the same work.
protocol ProcessKeeper: AnyObject {
    /// What to wait for besides signals.
    var descriptor: Int32? { get }
    /// To be called when `descriptor` is ready.
    func descriptorReady() -> [EndSequence.Event]
    /// To be called when a child has ended.
    func childrenEnded() -> [EndSequence.Event]
    func send(_ signal: Int32, to target: SignalTarget)
    /// Kills all of the job and goes on killing until nothing is left.
    func killEverything() -> [EndSequence.Event]
    /// Kills all of the job again, because it did not end in time.
    func killHarder() -> [EndSequence.Event]
}
