/// The steps between which the supervisor may die, and a later one must make sense of what is there.
///
/// The code says when it has come to each; whoever tests what a crash leaves behind ends it there.
package enum StopPoint: String, CaseIterable, Sendable {
    // Start.
    /// The job is on record, and nothing else of it is there.
    case startRecorded
    /// It has a log and an index, which is locked.
    case filesMade
    /// It has its control group, if it gets one.
    case groupMade
    /// It has a shim.
    case shimSpawned
    /// Its shim has said how the start went.
    case startReported
    /// Those who waited for its start were told.
    case startAnnounced

    // Queue.
    /// A job that has to wait is on record, and nobody was told.
    case queuedRecorded
    /// Its turn has come, on record, and nothing of it is there.
    case queueingOver
    /// It was stopped while it waited, on record, and nobody was told.
    case queueStopRecorded

    // Stop.
    /// Somebody asked for its end, and nothing has come of it.
    case stopRequested
    /// The stop is on record.
    case stopRecorded
    /// The first signal was sent.
    case stopSignalSent
    /// The kill was sent.
    case killSent

    // End.
    /// Its shim was reaped.
    case shimEnded
    /// Its verdict was read.
    case verdictRead
    /// Those who waited for its end were told.
    case endAnnounced
    /// Its end is on record.
    case endRecorded

    // Adopt.
    /// What is on record was read.
    case recordsLoaded
    /// The state directory was read.
    case directorySurveyed
    /// A job of which only the index was left is on record.
    case strayRecorded
    /// A job that lives was taken over.
    case jobAdopted
    /// A job was found to have ended.
    case endFound
    /// All that was left is taken over.
    case recovered

    // Delete.
    /// The deletion is on record.
    case deletionRecorded
    /// Its files are gone.
    case filesRemoved
    /// Nothing of it is on record any more.
    case deletionFinished
}
