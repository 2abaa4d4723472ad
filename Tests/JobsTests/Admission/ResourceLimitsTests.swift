import Testing

@testable import Jobs

/// What a job gets of what it asks for; the goal is that nobody gets more than anybody allows, and
/// the method is tables.
@Suite struct ResourceLimitsTests {
    struct Row: Sendable {
        let request: ResourceLimits
        var defaults = ResourceLimits()
        var ceilings: [ResourceLimits] = []
        let effective: ResourceLimits
    }

    static let rows: [Row] = [
        Row(request: ResourceLimits(), effective: ResourceLimits()),
        Row(
            request: ResourceLimits(memoryMax: 5), ceilings: [ResourceLimits(memoryMax: 7)],
            effective: ResourceLimits(memoryMax: 5)),
        Row(
            request: ResourceLimits(memoryMax: 9),
            ceilings: [ResourceLimits(memoryMax: 7), ResourceLimits(memoryMax: 8)],
            effective: ResourceLimits(memoryMax: 7)),
        Row(
            request: ResourceLimits(), defaults: ResourceLimits(cpuMillis: 500, pidsMax: 10),
            effective: ResourceLimits(cpuMillis: 500, pidsMax: 10)),
        Row(
            request: ResourceLimits(cpuMillis: 700), defaults: ResourceLimits(cpuMillis: 500),
            effective: ResourceLimits(cpuMillis: 700)),
        Row(
            request: ResourceLimits(), defaults: ResourceLimits(cpuMillis: 500),
            ceilings: [ResourceLimits(cpuMillis: 400)], effective: ResourceLimits(cpuMillis: 400)),
        Row(
            request: ResourceLimits(),
            ceilings: [ResourceLimits(cpuWeight: 100, memoryHigh: 3, swapMax: 0)],
            effective: ResourceLimits(cpuWeight: 100, memoryHigh: 3, swapMax: 0)),
        Row(
            request: ResourceLimits(cpus: "0-3"), ceilings: [ResourceLimits(cpus: "2,3,5")],
            effective: ResourceLimits(cpus: "2-3")),
        Row(
            request: ResourceLimits(), ceilings: [ResourceLimits(cpus: "2,3,5")],
            effective: ResourceLimits(cpus: "2,3,5")),
        Row(
            request: ResourceLimits(io: [io("8:0", read: 10)]),
            defaults: ResourceLimits(io: [io("8:0", write: 20), io("8:16", read: 1)]),
            ceilings: [ResourceLimits(io: [io("8:0", read: 5, write: 30), io("9:0", read: 2)])],
            effective: ResourceLimits(
                io: [io("8:0", read: 5, write: 20), io("8:16", read: 1), io("9:0", read: 2)])),
    ]

    static func io(
        _ device: String, read: UInt64? = nil, write: UInt64? = nil
    ) -> ResourceLimits.IOLimit {
        ResourceLimits.IOLimit(device: device, readBytes: read, writeBytes: write)
    }

    @Test(arguments: rows)
    func `the least of all counts`(row: Row) throws {
        let limits = try ResourceLimits.effective(
            row.request, defaults: row.defaults, ceilings: row.ceilings)
        #expect(limits == row.effective)
    }

    @Test func `no processor is not any processor`() {
        #expect(throws: JobError.self) {
            try ResourceLimits.effective(
                ResourceLimits(cpus: "0-1"), defaults: ResourceLimits(),
                ceilings: [ResourceLimits(cpus: "2")])
        }
    }

    @Test(arguments: [
        (ResourceLimits(cpuMillis: 0), "limits.cpu_millis"),
        (ResourceLimits(cpuWeight: 10_001), "limits.cpu_weight"),
        (ResourceLimits(memoryMax: 4096), "limits.memory_max_bytes"),
        (ResourceLimits(memoryHigh: .max), "limits.memory_high_bytes"),
        (ResourceLimits(swapMax: .max), "limits.swap_max_bytes"),
        (ResourceLimits(pidsMax: 0), "limits.pids_max"),
        (ResourceLimits(cpus: "1-"), "limits.cpus"),
        (ResourceLimits(io: [io("8:0")]), "limits.io[0]"),
        (ResourceLimits(io: [io("sda", read: 1)]), "limits.io[0].device"),
        (ResourceLimits(io: [io("/srv/disk", read: 1)]), "limits.io[0].device"),
        (ResourceLimits(io: [io("/dev/../srv/disk", read: 1)]), "limits.io[0].device"),
        // Hundreds of thousands, compared with one another, would hold the loop for minutes.
        (ResourceLimits(io: (0..<65).map { io("8:\($0)", read: 1) }), "limits.io"),
        (ResourceLimits(cpus: "0" + String(repeating: ",0", count: 4096)), "limits.cpus"),
        (ResourceLimits(io: [io("", read: 0)]), "limits.io[0].read_bytes_per_second"),
        (
            ResourceLimits(io: [io("8:0", read: 1), io("8:0", write: 1)]), "limits.io[1].device"
        ),
    ])
    func `what no kernel takes is named`(limits: ResourceLimits, field: String) {
        #expect(limits.problems().map(\.field) == [field])
        let specification = JobSpecification(command: .shell("true"), limits: limits)
        #expect(specification.validate().map(\.field) == [field])
    }

    @Test func `what a kernel takes is not`() {
        let limits = ResourceLimits(
            cpuMillis: 1, cpuWeight: 1, memoryMax: 1 << 20, memoryHigh: 1 << 20, swapMax: 0,
            pidsMax: 1, cpus: "0,2-3",
            io: [Self.io("", read: 1), Self.io("/dev/sda", write: 1), Self.io("8:0", read: 1)])
        #expect(limits.problems() == [])
    }

    @Test(arguments: [
        ("0", "0"), ("0-3", "0-3"), ("3,1,2", "1-3"), ("0,2,4-5", "0,2,4-5"), ("7-7", "7"),
        ("0-5,2,1-3", "0-5"), ("4-9,0-4", "0-9"),
    ])
    func `a list of processors has one shortest form`(text: String, shortest: String) {
        #expect(ProcessorSet(text)?.text == shortest)
    }

    @Test(arguments: ["", ",", "a", "3-1", "1-2-3", "+1", "-1", "8192", "0-99999999", " 1"])
    func `what is no list of processors is refused`(text: String) {
        #expect(ProcessorSet(text) == nil)
    }
}
