import Testing

@testable import Jobs

/// What a server decides about limits that its host can enforce, and that it cannot.
@Suite struct LimitPolicyTests {
    private let all = LimitOffer(
        controllers: Set(LimitController.allCases), processors: "0-3")
    private let devices = BlockDevices(
        disks: [DeviceNumber(major: 8, minor: 0), DeviceNumber(major: 253, minor: 0)],
        findings: [
            "/dev/sda": .disk(DeviceNumber(major: 8, minor: 0)),
            "8:0": .disk(DeviceNumber(major: 8, minor: 0)), "/dev/sda1": .partition,
            "/dev/null": .noDevice,
        ])

    private func io(_ device: String, _ bytes: UInt64) -> ResourceLimits.IOLimit {
        ResourceLimits.IOLimit(device: device, readBytes: bytes)
    }

    @Test func `a missing controller is named, and refuses the job`() {
        let request = ResourceLimits(memoryMax: 1 << 30, pidsMax: 5)
        let offer = LimitOffer(controllers: [.pids])
        let missing = MissingController(field: "limits.memory_max_bytes", controller: "memory")
        #expect(throws: JobError.limitUnavailable([missing])) {
            try LimitPolicy().grant(request, offer: offer, devices: nil)
        }
    }

    @Test func `best effort gives what there is, and tells the rest`() throws {
        let request = ResourceLimits(
            cpuMillis: 1, cpuWeight: 1, memoryMax: 1, memoryHigh: 1, swapMax: 1, pidsMax: 5,
            cpus: "0", io: [io("8:0", 1)])
        let policy = LimitPolicy(isBestEffort: true)
        let grant = try policy.grant(
            request, offer: LimitOffer(controllers: [.pids]), devices: nil)
        #expect(grant.limits == ResourceLimits(pidsMax: 5))
        #expect(grant.ungranted.count == 7)
        #expect(
            grant.ungranted.contains { $0.contains("limits.io") && $0.contains("io controller") })
    }

    @Test func `what nobody asks for needs no controller`() throws {
        #expect(
            try LimitPolicy().grant(ResourceLimits(), offer: LimitOffer(), devices: nil)
                == LimitGrant())
    }

    @Test func `server, tenant and request are all heeded`() throws {
        let policy = LimitPolicy(
            defaults: ResourceLimits(pidsMax: 100), ceiling: ResourceLimits(memoryMax: 8))
        let grant = try policy.grant(
            ResourceLimits(memoryMax: 9), within: [ResourceLimits(memoryMax: 7)], offer: all,
            devices: nil)
        #expect(grant.limits == ResourceLimits(memoryMax: 7, pidsMax: 100))
    }

    @Test func `processors are among those of the host`() throws {
        let grant = try LimitPolicy().grant(
            ResourceLimits(cpus: "2-9"), offer: all, devices: nil)
        #expect(grant.limits.cpus == "2-3")
        #expect(throws: JobError.self) {
            try LimitPolicy().grant(ResourceLimits(cpus: "8"), offer: all, devices: nil)
        }
    }

    @Test func `every disk is each by itself, and a named one an exception`() throws {
        let request = ResourceLimits(io: [io("", 10), io("/dev/sda", 20)])
        let resolved = try devices.resolve(request)
        #expect(resolved.io == [io("8:0", 20), io("253:0", 10)])
    }

    @Test func `two names of one disk are one disk`() throws {
        let resolved = try devices.resolve(
            ResourceLimits(io: [io("/dev/sda", 20), io("8:0", 10)]))
        #expect(resolved.io == [io("8:0", 10)])
    }

    @Test func `an exception does not lift a ceiling`() throws {
        let policy = LimitPolicy(ceiling: ResourceLimits(io: [io("", 5)]))
        let grant = try policy.grant(
            ResourceLimits(io: [io("/dev/sda", 20)]), offer: all, devices: devices)
        #expect(grant.limits.io.sorted { $0.device > $1.device } == [io("8:0", 5), io("253:0", 5)])
    }

    @Test(arguments: ["/dev/sda1", "/dev/null", "/dev/never"])
    func `what is no disk is refused`(name: String) {
        #expect(throws: JobError.self) {
            try devices.resolve(ResourceLimits(io: [io(name, 1)]))
        }
    }
}
