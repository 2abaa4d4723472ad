import Jobs

/// What tests put in the place of what a daemon makes for itself.
struct Surroundings {
    /// How clients are spoken to; nil for TLS as configured.
    var channels: ClientChannels?
    /// Where jobs are on record; nil for the state directory.
    var records: (any Records)?
    /// Told of each step in the life of a job, on the loop or on a worker.
    var reached: @Sendable (StopPoint) -> Void = { _ in }
    /// What shims find in their environment, which is empty for all others.
    var shimEnvironment: [String] = []
}
