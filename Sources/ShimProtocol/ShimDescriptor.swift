/// The descriptors a shim is born with, apart from 0 (what the command reads), 1 (`/dev/null`) and 2
/// (diagnostics).
package enum ShimDescriptor {
    /// The encoded `ShimPlan`, read to its end.
    package static let plan: Int32 = 3
    /// The job's log, writable and empty.
    package static let log: Int32 = 4
    /// The job's index, writable and empty.
    ///
    /// Its open file description carries the lock that says "this job lives": flock(2) locks are
    /// shared over fork and end with the last holder.
    package static let index: Int32 = 5
    /// The write end of the pipe that takes the `StartReport`.
    package static let status: Int32 = 6
}
