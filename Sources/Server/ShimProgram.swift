import Reactor

/// Where `cmdctl-shim` is.
enum ShimProgram {
    static let name = "cmdctl-shim"

    /// The configured one, else the one beside the daemon's own program.
    ///
    /// Looked at when the daemon starts: the first job is late for finding out.
    static func find(_ configured: String?, kernel: any Kernel) throws(StartupError) -> String {
        let path = configured ?? "\(Environment.programDirectory ?? ".")/\(name)"
        let status: FileStatus
        do throws(Errno) {
            status = try kernel.status(at: path)
        } catch {
            throw .shimUnusable(path: path, problem: error.description)
        }
        guard status.kind == .regular, status.mode & 0o111 != 0 else {
            throw .shimUnusable(path: path, problem: "it is not an executable file")
        }
        return path
    }
}
