@testable import ShimProtocol

/// Plans: whatever is read can be written, and is the same when read again.
///
/// The first byte chooses whether the checksum is made good, because no fuzzer guesses one.
func fuzzPlan(_ input: [UInt8]) {
    guard let plan = try? ShimPlan(decoding: resealed(input)) else { return }
    precondition((try? ShimPlan(decoding: plan.encoded())) == plan, "a plan that changes")
    precondition(plan.arguments.allSatisfy { !$0.utf8.contains(0) }, "an argument with a NUL")
}

/// Start reports, likewise.
func fuzzReport(_ input: [UInt8]) {
    guard let report = try? StartReport(decoding: resealed(input)) else { return }
    let encoded = report.encoded()
    precondition(encoded.count <= StartReport.encodedSizeMax, "more than a pipe takes at once")
    // A text that is too long is cut once, and not again.
    guard let again = try? StartReport(decoding: encoded) else {
        preconditionFailure("a report that cannot be read again")
    }
    precondition(again.encoded() == encoded, "a report that changes")
}

var planSeeds: [[UInt8]] {
    let small = ShimPlan(
        jobID: [UInt8](1...16), program: "true", arguments: [], environment: [],
        workingDirectory: "/", mergeOutput: false, makePIDNamespace: false, cgroupDirectory: nil)
    var large = small
    large.arguments = ["-c", "echo out; echo err >&2; exit 7", ""]
    large.environment = [.init(name: "PATH", value: "/bin"), .init(name: "é", value: "")]
    large.mergeOutput = true
    large.cgroupDirectory = "/sys/fs/cgroup/jobs/1"
    var confined = small
    confined.makePIDNamespace = true
    confined.sandbox = SandboxPlan(
        userIDs: .init(first: 100_000, count: 65_536), groupIDs: .init(first: 100_000, count: 1),
        root: .image(base: "/images/tools"), network: .none, hostName: "job",
        scratchBytes: 1 << 20, capabilities: 3, systemCallFilters: [[UInt8](0..<16)],
        resourceLimits: [.init(resource: 4, soft: 0, hard: 0)])
    return [small, large, confined].flatMap { [[0] + $0.encoded(), [1] + $0.encoded()] }
}

var reportSeeds: [[UInt8]] {
    [
        StartReport.started(leaderPID: 4711, timeNanoseconds: 1_763_700_000_000_000_000),
        StartReport.failed(stage: .execute, errno: 2, detail: "/bin/nothing"),
    ].flatMap { [[0] + $0.encoded(), [1] + $0.encoded()] }
}

/// All but the first byte, which if odd asks for a checksum that is right.
private func resealed(_ input: [UInt8]) -> [UInt8] {
    guard let first = input.first, first & 1 == 1, input.count > 4 else {
        return Array(input.dropFirst())
    }
    return withChecksum(Array(input.dropFirst().dropLast(4)))
}

/// These bytes, and their checksum as every format of ours has it at its end.
func withChecksum(_ body: [UInt8]) -> [UInt8] {
    let checksum = CRC32C.checksum(of: body)
    return body + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }
}
