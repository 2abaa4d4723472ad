import Testing

@testable import Jobs

/// Changes of limits: what is named changes, and nothing else.
@Suite struct LimitChangeTests {
    private let old = ResourceLimits(
        cpuMillis: 500, memoryMax: 1 << 30, cpus: "0-1",
        io: [
            ResourceLimits.IOLimit(device: "8:0", readBytes: 1, writeBytes: 2),
            ResourceLimits.IOLimit(device: "8:16", reads: 3),
        ])

    @Test func `what is not named stays`() {
        let change = LimitChange(
            limits: ResourceLimits(memoryMax: 2 << 30), cleared: ["cpu_millis", "cpus"])
        #expect(
            change.applied(to: old)
                == ResourceLimits(memoryMax: 2 << 30, io: old.io))
    }

    @Test func `what is not named of a device stays, too`() {
        let new = ResourceLimits.IOLimit(device: "8:0", writeBytes: 7, writes: 9)
        let change = LimitChange(limits: ResourceLimits(io: [new]))
        let merged = ResourceLimits.IOLimit(device: "8:0", readBytes: 1, writeBytes: 7, writes: 9)
        #expect(change.applied(to: old).io == [merged, old.io[1]])
    }

    @Test func `one bound of all devices is given up, and the others stay`() {
        let change = LimitChange(limits: ResourceLimits(), cleared: ["io.reads_per_second"])
        #expect(change.applied(to: old).io == [old.io[0]])
        let bytes = LimitChange(limits: ResourceLimits(), cleared: ["io.read_bytes_per_second"])
        let rest = ResourceLimits.IOLimit(device: "8:0", writeBytes: 2)
        #expect(bytes.applied(to: old).io == [rest, old.io[1]])
    }

    @Test(arguments: [
        "cpu_millis", "cpu_weight", "memory_max_bytes", "memory_high_bytes", "swap_max_bytes",
        "pids_max", "cpus", "io", "io.read_bytes_per_second", "io.write_bytes_per_second",
        "io.reads_per_second",
    ])
    func `every limit can be given up`(field: String) {
        let all = ResourceLimits(
            cpuMillis: 1, cpuWeight: 1, memoryMax: 1, memoryHigh: 1, swapMax: 1, pidsMax: 1,
            cpus: "0", io: old.io)
        let change = LimitChange(limits: ResourceLimits(), cleared: [field])
        #expect(change.problems().isEmpty)
        #expect(change.applied(to: all) != all)
    }

    @Test(arguments: [
        (LimitChange(limits: ResourceLimits()), "limits"),
        (LimitChange(limits: ResourceLimits(), cleared: ["cpu"]), "clear"),
        (LimitChange(limits: ResourceLimits(pidsMax: 1), cleared: ["pids_max"]), "clear"),
        (
            LimitChange(
                limits: ResourceLimits(io: [ResourceLimits.IOLimit(writes: 1)]),
                cleared: ["io.writes_per_second"]), "clear"
        ),
        (LimitChange(limits: ResourceLimits(pidsMax: 0)), "limits.pids_max"),
        // A sentence about each of a million would take a hundred megabytes.
        (
            LimitChange(limits: ResourceLimits(), cleared: Set((0..<13).map { "\($0)" })),
            "clear"
        ),
    ])
    func `what makes no sense is named`(change: LimitChange, field: String) {
        #expect(change.problems().map(\.field) == [field])
    }
}
