/// What the program of the shim is told to do with an image, by its first argument; a job's shim has
/// the identifier of the job there.
///
/// The second argument is the PID of the server, with which the work ends.
package enum ImageOrder: String, CaseIterable, Sendable {
    /// Behind it: how many bytes and how many files there may be.
    case unpack
    /// Behind it: the path of the program that undoes the compression.
    case decompress
    /// Behind it: the name of what is to be removed.
    case remove
}
