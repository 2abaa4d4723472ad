import Glibc

extension LinuxSystem {
    /// Nearly never: the shim frees nothing worth having, and its death loses the job's end.
    private static let shieldedScore = Array("-999".utf8)

    /// Needs CAP_SYS_RESOURCE; proc(5), oom_score_adj.
    ///
    /// With that capability the kernel also takes the score for the lowest that may be had without,
    /// and a child inherits both.
    package func shieldFromMemoryPressure() {
        let path = "/proc/self/oom_score_adj"
        guard let file = try? retrying({ open(path, O_WRONLY | O_CLOEXEC) }) else { return }
        defer { close(file) }
        _ = try? retrying { Glibc.write(file, Self.shieldedScore, Self.shieldedScore.count) }
    }
}
