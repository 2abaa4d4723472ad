import Testing

@testable import Jobs

/// What a host and a server's privileges are good for, as a table.
@Suite struct SandboxAbilityTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var capabilities: UInt64 = 1 << 6 | 1 << 7 | 1 << 21
        var files: [String: String] = [:]
        let obstacle: String?
        var mapsRanges = true
    }

    private static let usual = [
        "/proc/sys/user/max_user_namespaces": "96363",
        "/proc/sys/kernel/seccomp/actions_avail": "kill_process kill_thread trap errno allow",
    ]

    private static func usual(but changes: [String: String]) -> [String: String] {
        usual.merging(changes) { $1 }
    }

    static let rows = [
        Row(testDescription: "root", files: usual, obstacle: nil),
        Row(
            testDescription: "root without a capability", capabilities: 1 << 21, files: usual,
            obstacle: "the server lacks CAP_SETGID and CAP_SETUID", mapsRanges: false),
        Row(
            testDescription: "a kernel without user namespaces", files: [:],
            obstacle: "/proc/sys/user/max_user_namespaces is missing"),
        Row(
            testDescription: "user namespaces switched off",
            files: usual(but: ["/proc/sys/user/max_user_namespaces": "0"]),
            obstacle: "/proc/sys/user/max_user_namespaces is 0"),
        Row(
            testDescription: "a kernel without seccomp",
            files: ["/proc/sys/user/max_user_namespaces": "1"],
            obstacle: "/proc/sys/kernel/seccomp/actions_avail is missing"),
        Row(
            testDescription: "a switch that is for others than root",
            files: usual(but: ["/proc/sys/kernel/unprivileged_userns_clone": "0"]), obstacle: nil),
        Row(
            testDescription: "somebody", capabilities: 0, files: usual, obstacle: nil,
            mapsRanges: false),
        Row(
            testDescription: "somebody whom Debian does not let", capabilities: 0,
            files: usual(but: ["/proc/sys/kernel/unprivileged_userns_clone": "0"]),
            obstacle: "/proc/sys/kernel/unprivileged_userns_clone is 0", mapsRanges: false),
        Row(
            testDescription: "somebody whom Ubuntu does not let", capabilities: 0,
            files: usual(
                but: ["/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1"]),
            obstacle: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns is 1",
            mapsRanges: false),
    ]

    @Test(arguments: rows) func `is found out`(row: Row) {
        let ability = SandboxAbility(capabilities: row.capabilities) { row.files[$0] }
        #expect(ability.obstacle?.sentence == row.obstacle)
        #expect(ability.mapsRanges == row.mapsRanges)
    }
}
