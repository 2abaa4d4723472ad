import ShimProtocol
import Testing

/// A plan must arrive as it was sent, or not at all.
struct ShimPlanTests {
    static let full = ShimPlan(
        jobID: Array(1...16), program: "/bin/echo", arguments: ["a b", "", "ü"],
        environment: [.init(name: "PATH", value: "/bin"), .init(name: "EMPTY", value: "")],
        workingDirectory: "/tmp", mergeOutput: true, makePIDNamespace: true,
        cgroupDirectory: "/sys/fs/cgroup/job", descriptorLimit: 1024,
        shimCgroupDirectory: "/sys/fs/cgroup/shim",
        logLimit: ShimPlan.LogLimit(bytesMax: 1 << 30, action: .stopJob))

    static let bare = ShimPlan(
        jobID: [UInt8](repeating: 0, count: 16), program: "true", arguments: [], environment: [],
        workingDirectory: "/", mergeOutput: false, makePIDNamespace: false, cgroupDirectory: nil)

    static let confined = bare.inside(.full)

    static let asUser = {
        var plan = bare
        plan.credentials = HostCredentials(userID: 1000, groupID: 1001, groups: [1001, 27])
        return plan
    }()

    @Test(arguments: [full, bare, confined, asUser])
    func `is read as it was written`(plan: ShimPlan) throws {
        #expect(try ShimPlan(decoding: plan.encoded()) == plan)
    }

    @Test(arguments: [full, bare, confined, asUser])
    func `refuses every single-bit error`(plan: ShimPlan) {
        for damaged in plan.encoded().withOneBitFlipped {
            #expect(throws: FormatError.self) { try ShimPlan(decoding: damaged) }
        }
    }

    @Test(arguments: [full, bare, confined, asUser])
    func `refuses every truncation`(plan: ShimPlan) {
        for short in plan.encoded().truncations {
            #expect(throws: FormatError.self) { try ShimPlan(decoding: short) }
        }
    }

    @Test func `names an unknown version`() {
        var bytes = Self.full.encoded()
        bytes[8] = 2
        #expect(throws: FormatError.unsupportedVersion(2)) { try ShimPlan(decoding: bytes) }
    }

    @Test func `refuses another kind of file`() {
        #expect(throws: FormatError.wrongMagic) {
            try ShimPlan(decoding: Array("#!/bin/sh\nexit 0\n".utf8))
        }
    }

    /// The kernel would cut the string at the NUL and run something else.
    @Test func `refuses a NUL in a string`() {
        var plan = Self.bare
        plan.arguments = ["a\0b"]
        #expect(throws: FormatError.malformed(field: "argument")) {
            try ShimPlan(decoding: plan.encoded())
        }
    }

    @Test(arguments: ["", "A=B"])
    func `refuses a variable name the environment cannot carry`(name: String) {
        var plan = Self.bare
        plan.environment = [.init(name: name, value: "x")]
        #expect(throws: FormatError.malformed(field: "variable name")) {
            try ShimPlan(decoding: plan.encoded())
        }
    }

    @Test func `carries a megabyte in ten thousand arguments`() throws {
        var plan = Self.bare
        plan.arguments = (0..<10_000).map { "\($0)-" + String(repeating: "x", count: 95) }
        #expect(try ShimPlan(decoding: plan.encoded()) == plan)
    }
}
