import Glibc
import ShimProtocol

/// Tells the kernel which users and groups of the host those of a user namespace are.
///
/// That is for a process outside: one inside may map no number but its own, user_namespaces(7).
struct IdentityMaps {
    let plan: SandboxPlan
    /// The first process of the namespace.
    let pid: Int32

    func write() throws(StartFailure) {
        try write(plan.userIDs.line, to: "uid_map")
        // Whoever has one group only has no privilege outside, and then the kernel wants it
        // settled that nobody gets rid of a group that denies something.
        if plan.groupIDs.count == 1 { try write("deny", to: "setgroups") }
        try write(plan.groupIDs.line, to: "gid_map")
    }

    /// Whether only root may write them; a user may map itself, and nobody else.
    static func needsPrivilege(_ plan: SandboxPlan) -> Bool {
        plan.userIDs.count > 1 || plan.groupIDs.count > 1
    }

    /// Whether a process in the namespace may change its supplementary groups.
    static func allowsGroups(_ plan: SandboxPlan) -> Bool { plan.groupIDs.count > 1 }

    private func write(_ text: String, to name: String) throws(StartFailure) {
        let path = "/proc/\(pid)/\(name)"
        try at(.namespaces, name) { () throws(SystemError) in
            let file = try retrying { open(path, O_WRONLY | O_CLOEXEC) }
            defer { close(file) }
            _ = try retrying { Glibc.write(file, text, text.utf8.count) }
        }
    }
}

extension SandboxPlan.IdentityRange {
    fileprivate var line: String { "0 \(first) \(count)\n" }
}
