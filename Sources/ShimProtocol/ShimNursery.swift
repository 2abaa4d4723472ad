/// The process that shims are forked from.
package enum ShimNursery {
    /// What it is called with.
    ///
    /// A shim takes its own name in the same place, so this is as long as `cmdctl-shim` with the
    /// identifier of a job.
    package static let arguments = ["cmdctl-nursery", "bears the shims of one cmdctld..."]
    /// The descriptor on which it is asked.
    package static let door: Int32 = 3
}
