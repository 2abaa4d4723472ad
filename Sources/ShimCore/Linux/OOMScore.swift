import Glibc

/// The caller's /proc/self/oom_score_adj, proc(5).
enum OOMScore {
    /// Nearly never: the shim frees nothing worth having, and its death loses the job's end.
    private static let shielded: Int32 = -999
    private static let path = "/proc/self/oom_score_adj"

    /// Lowers the score as far as the shim's task allows; needs CAP_SYS_RESOURCE.
    ///
    /// - Returns: the score before, or nil if it could not be changed.
    static func shield() -> Int32? {
        guard let before = read(), write(shielded) else { return nil }
        return before
    }

    @discardableResult
    static func write(_ score: Int32) -> Bool {
        guard let file = try? retrying({ open(path, O_WRONLY | O_CLOEXEC) }) else { return false }
        defer { close(file) }
        let text = Array("\(score)\n".utf8)
        return (try? retrying { Glibc.write(file, text, text.count) }) == text.count
    }

    private static func read() -> Int32? {
        ProcFile.contents(path).flatMap { Int32($0.filter { $0 != "\n" }) }
    }
}

extension LinuxSystem {
    package func shieldFromMemoryPressure() -> Int32? { OOMScore.shield() }
}
