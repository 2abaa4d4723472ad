/// How the daemon ends: connections are told to finish, jobs run on or are stopped first, and
/// neither can hold it for ever.
///
/// Pure: each event answers with orders, which ``Daemon`` carries out.
struct ShutdownSequence {
    /// Something the daemon has to do now.
    enum Order: Equatable {
        /// Take no connection and no new call; let open calls finish.
        case drain
        /// Stop every job, with the default grace.
        case stopJobs
        /// Give open calls a last, bounded time.
        case startDeadline
        /// End what is still open.
        case cutConnections
        /// Leave the loop.
        case end
    }

    private enum State: Equatable {
        case running
        /// Calls may go on until every job has stopped; they want to see how.
        case stoppingJobs
        case draining
        case ended
    }

    private var state = State.running
    private var hasConnections = true

    /// Whether the end has begun.
    var hasBegun: Bool { state != .running }

    /// Whether jobs are being stopped before the end.
    var isStoppingJobs: Bool { state == .stoppingJobs }

    /// Whether nothing is left to do.
    var hasEnded: Bool { state == .ended }

    /// Somebody asked for the end; asking again may add that jobs are to be stopped.
    mutating func requested(stoppingJobs: Bool) -> [Order] {
        switch state {
        case .running:
            state = stoppingJobs ? .stoppingJobs : .draining
            return [.drain, stoppingJobs ? .stopJobs : .startDeadline]
        case .draining where stoppingJobs:
            state = .stoppingJobs
            return [.stopJobs]
        case .draining, .stoppingJobs, .ended:
            return []
        }
    }

    /// TERM or INT; who sends a second one does not want to wait.
    mutating func signalled(stoppingJobs: Bool) -> [Order] {
        guard hasBegun else { return requested(stoppingJobs: stoppingJobs) }
        return end()
    }

    /// No job lives any more, or those that do cannot be waited for.
    mutating func jobsStopped() -> [Order] {
        guard state == .stoppingJobs else { return [] }
        state = .draining
        return hasConnections ? [.startDeadline] : end()
    }

    /// The last connection is closed, and no other can come.
    mutating func connectionsClosed() -> [Order] {
        hasConnections = false
        return state == .draining ? end() : []
    }

    /// Open calls have had their time.
    mutating func deadlinePassed() -> [Order] {
        state == .draining ? [.cutConnections] : []
    }

    private mutating func end() -> [Order] {
        guard state != .ended else { return [] }
        state = .ended
        return [.end]
    }
}
