/// The steps of a shim's life, each named for what has just happened.
///
/// Between any two of them the machine may lose power or somebody may kill the shim; tests do so
/// at every one.
package enum ShimStopPoint: String, CaseIterable, Sendable {
    /// The plan is read and the files are ready, both still empty.
    case filesOpened
    /// The index has its header.
    case headerWritten
    /// The job has a process, which may not have come to its program yet.
    case leaderStarted
    /// The program runs, and the index says so.
    case startRecorded
    /// The daemon has been told.
    case startReported
    /// Output was taken from the job and is nowhere else yet.
    case outputRead
    /// The index is ready for the output.
    case outputRecorded
    /// The output is in the log.
    case outputWritten
    /// The job is gone and its last output is in the log.
    case outputDrained
    /// The log would survive a loss of power.
    case logSynchronized
    /// The index says how the job ended.
    case endRecorded
    /// The index would survive a loss of power, too.
    case endSynchronized
}
