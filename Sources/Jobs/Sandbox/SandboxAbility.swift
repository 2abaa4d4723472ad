import Reactor

/// What keeps this process from shutting jobs off from the host.
struct SandboxObstacle: Hashable, Sendable {
    /// As it follows "cannot be had here: ".
    let sentence: String
}

/// What the supervisor's process and the kernel can do for sandboxes, read from procfs once.
struct SandboxAbility: Equatable, Sendable {
    /// What is missing; nil if nothing is.
    let obstacle: SandboxObstacle?
    /// Whether a job can have a range of users of the host, rather than the supervisor's own alone.
    let mapsRanges: Bool

    private static let needed: [(bit: UInt64, name: String)] = [
        (6, "CAP_SETGID"), (7, "CAP_SETUID"), (21, "CAP_SYS_ADMIN"),
    ]

    /// Of a host of which nothing can be read.
    static let unknown = SandboxAbility(capabilities: 0) { _ in nil }

    /// A sandbox needs nothing that a kernel since 5.12 lacks, unless it is switched off.
    ///
    /// The switches of Debian and Ubuntu are for those without privileges only;
    /// user_namespaces(7).
    init(capabilities: UInt64, contents: (String) -> String?) {
        let missing = Self.needed.filter { capabilities & 1 << $0.bit == 0 }.map(\.name)
        mapsRanges = missing.isEmpty
        let isPrivileged = capabilities & 1 << 21 != 0
        let switches = isPrivileged ? Self.switches : Self.switches + Self.unprivilegedSwitches
        if isPrivileged, !missing.isEmpty {
            let names = missing.joined(separator: " and ")
            obstacle = SandboxObstacle(sentence: "the server lacks \(names)")
        } else if let off = switches.first(where: { contents($0.path) == $0.off }) {
            obstacle = SandboxObstacle(sentence: "\(off.path) is \(off.off ?? "missing")")
        } else {
            obstacle = nil
        }
    }

    /// A file, and what it says, or that it is missing, if there can be no sandbox.
    private typealias Switch = (path: String, off: String?)

    private static let switches: [Switch] = [
        ("/proc/sys/user/max_user_namespaces", nil), ("/proc/sys/user/max_user_namespaces", "0"),
        ("/proc/sys/kernel/seccomp/actions_avail", nil),
    ]

    private static let unprivilegedSwitches: [Switch] = [
        ("/proc/sys/kernel/unprivileged_userns_clone", "0"),
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
    ]
}
