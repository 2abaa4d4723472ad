import Logging
import Reactor
import Simulator
import Testing

@testable import Jobs

/// Where groups are made, on a hierarchy in memory that obeys the kernel's rules.
@Suite struct ControlGroupLayoutTests {
    private static let root = "/sys/fs/cgroup"
    private let machine = SimulatedMachine(seed: 1)
    private let kernel: any Kernel

    init() {
        machine.mountControlGroups(["cpu", "cpuset", "io", "memory", "pids"])
        kernel = machine.makeReactor().kernel
    }

    private func text(_ path: String) throws -> String {
        try kernel.text(of: "\(Self.root)/\(path)")
    }

    private var own: String? { HostFacts(of: kernel).controlGroup }

    private func layout(
        _ place: ControlGroupPlace = .automatic, own: String? = nil
    ) throws(ControlGroupError) -> ControlGroupLayout {
        try ControlGroupLayout(place, own: own ?? self.own, root: Self.root, kernel: kernel)
    }

    @Test func `the jobs are beside a service, to which controllers are handed down`() throws {
        for path in ["slice", "slice/service"] {
            try kernel.makeDirectory("\(Self.root)/\(path)", mode: 0o755)
        }
        try kernel.write("0", to: "\(Self.root)/slice/service/cgroup.procs")
        let layout = try layout()
        #expect(layout.outer == "\(Self.root)/slice/cmdctl-jobs")
        #expect(layout.offer.controllers == Set(LimitController.allCases))
        #expect(layout.complaints.isEmpty)
        #expect(own == "\(Self.root)/slice/service")
        // In another life all is there already.
        let again = try self.layout()
        #expect(again.outer == layout.outer && again.offer == layout.offer)
    }

    @Test func `in the root of what it sees, the supervisor moves into a leaf`() throws {
        let layout = try layout()
        #expect(layout.outer == "\(Self.root)/cmdctl-jobs")
        #expect(layout.offer.controllers == Set(LimitController.allCases))
        #expect(own == "\(Self.root)/cmdctld")
        #expect(try self.layout().outer == layout.outer)
    }

    @Test func `a hierarchy without controllers still holds jobs`() throws {
        let machine = SimulatedMachine(seed: 1)
        machine.mountControlGroups([])
        let kernel = machine.makeReactor().kernel
        let layout = try ControlGroupLayout(
            .automatic, own: Self.root, root: Self.root, kernel: kernel)
        #expect(layout.offer.controllers.isEmpty && layout.complaints.isEmpty)
        #expect(HostFacts(of: kernel).controlGroup == Self.root)
    }

    @Test func `a group with others in it hands nothing on, and the operator is told`() throws {
        try kernel.makeDirectory("\(Self.root)/slice", mode: 0o755)
        try kernel.makeDirectory("\(Self.root)/slice/session", mode: 0o755)
        machine.install("/other") { _ in }
        let other = try machine.startElsewhere(ProcessSpawn(path: "/other", arguments: []))
        try kernel.write("\(other)", to: "\(Self.root)/slice/cgroup.procs")
        let layout = try layout(own: "\(Self.root)/slice/session")
        #expect(layout.offer.controllers.isEmpty)
        #expect(layout.complaints.count == LimitController.allCases.count)
    }

    @Test func `a directory of the operator's is made and used`() throws {
        let layout = try layout(.directory("\(Self.root)/ours"))
        #expect(layout.outer == "\(Self.root)/ours")
        #expect(layout.offer.controllers == Set(LimitController.allCases))
        #expect(layout.offer.processors == "0-3")
        #expect(own == Self.root)
    }

    @Test func `a directory that is no group is refused`() throws {
        #expect(throws: ControlGroupError.self) {
            try layout(.directory("/tmp/ours"))
        }
        #expect(throws: ControlGroupError.self) {
            try ControlGroupLayout(.automatic, own: nil, root: nil, kernel: kernel)
        }
    }

    @Test func `the ceiling for all is written, and taken back by another life`() throws {
        var policy = LimitPolicy(
            total: ResourceLimits(cpuMillis: 3000, memoryMax: 1 << 30, pidsMax: 1000))
        policy.place = .directory("\(Self.root)/ours")
        _ = try groups(policy)
        #expect(try text("ours/memory.max") == "\(1 << 30)")
        #expect(try text("ours/cpu.max") == "300000 100000")
        #expect(try text("ours/pids.max") == "1000")
        policy.total = ResourceLimits(pidsMax: 2000)
        _ = try groups(policy)
        #expect(try text("ours/memory.max") == "max")
        #expect(try text("ours/pids.max") == "2000")
    }

    @Test func `a ceiling that cannot be enforced keeps the server from starting`() throws {
        let policy = LimitPolicy(
            total: ResourceLimits(memoryMax: 1 << 30), place: .directory("/tmp/none"))
        #expect(throws: JobError.self) { try groups(policy) }
        let automatic = LimitPolicy(ceiling: ResourceLimits(memoryMax: 1 << 30))
        let missing = MissingController(field: "limits.memory_max_bytes", controller: "memory")
        #expect(throws: JobError.limitUnavailable([missing])) {
            try groups(automatic, HostFacts())
        }
    }

    @Test func `a job's groups have its limits, and go without a trace`() throws {
        let groups = try #require(
            try groups(LimitPolicy(place: .directory("\(Self.root)/ours"))))
        let id = Specimen.id(1)
        let group = try groups.make(
            for: id, ResourceLimits(memoryMax: 1 << 20, pidsMax: 5), beside: 1)
        #expect(try text("ours/\(id)/memory.max") == "\(1 << 20)")
        #expect(try text("ours/\(id)/pids.max") == "6")
        #expect(try text("ours/\(id)/job/memory.oom.group") == "1")
        #expect(try text("ours/\(id)/cgroup.subtree_control") == "memory pids")
        try kernel.makeDirectory("\(group.jobPath)/own", mode: 0o755)
        #expect(group.remove())
        #expect(throws: Errno.noEntry) { try kernel.status(at: group.path) }
        #expect(group.remove())
    }

    @Test func `a limit that the kernel does not take leaves no group`() throws {
        let groups = try #require(
            try groups(LimitPolicy(place: .directory("\(Self.root)/ours"))))
        let id = Specimen.id(1)
        try kernel.removeFile("\(Self.root)/ours/cgroup.subtree_control")
        #expect(throws: ControlGroupError.self) {
            try groups.make(for: id, ResourceLimits(memoryMax: 1 << 20), beside: 1)
        }
        #expect(throws: Errno.noEntry) { try kernel.status(at: groups.group(of: id).path) }
    }

    private func groups(
        _ policy: LimitPolicy, _ facts: HostFacts? = nil
    ) throws(JobError) -> ControlGroups? {
        try ControlGroups(
            policy, facts: facts ?? HostFacts(of: kernel), kernel: kernel,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
