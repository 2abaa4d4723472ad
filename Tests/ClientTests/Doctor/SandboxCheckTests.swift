import Testing

@testable import Client

/// What the doctor says of a host that is to isolate jobs, as a table.
@Suite struct SandboxCheckTests {
    private static let sound = [
        "/proc/sys/kernel/seccomp/actions_avail": "kill_process allow",
        "/proc/filesystems": "nodev\ttmpfs\nnodev\toverlay\n\text4",
        "/etc/subuid": "ann:100000:65536\nben:165536:65536",
    ]

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var change: [String: String] = [:]
        var missing: String?
        let levels: [Finding.Level]
    }

    static let rows = [
        Row(testDescription: "a sound host", levels: [.ok, .ok, .ok, .ok]),
        Row(
            testDescription: "no seccomp", missing: "/proc/sys/kernel/seccomp/actions_avail",
            levels: [.problem, .ok, .ok, .ok]),
        Row(
            testDescription: "no overlay", change: ["/proc/filesystems": "\text4"],
            levels: [.ok, .warning, .ok, .ok]),
        Row(
            testDescription: "a range that reaches into ours",
            change: ["/etc/subuid": "ann:1879000000:65536"], levels: [.ok, .ok, .problem, .ok]),
        Row(
            testDescription: "a range that ends before ours",
            change: ["/etc/subgid": "ann:1878982656:65536"], levels: [.ok, .ok, .ok, .ok]),
        Row(
            testDescription: "lines that say nothing",
            change: ["/etc/subgid": "x\nann:1879048192:0\nben:a:b"], levels: [.ok, .ok, .ok, .ok]),
    ]

    @Test(arguments: rows) func `is told what is missing`(row: Row) {
        var files = Self.sound.merging(row.change) { $1 }
        if let missing = row.missing { files[missing] = nil }
        let findings = SandboxCheck { files[$0] }.findings
        #expect(findings.map(\.level) == row.levels)
        #expect(findings.allSatisfy { ($0.level == .ok) == $0.advice.isEmpty })
    }
}
