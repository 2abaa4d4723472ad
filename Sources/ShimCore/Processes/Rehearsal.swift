import Glibc
import ShimProtocol

/// What every shim does, done once by the nursery.
///
/// The runtime makes the types of collections, and tables, when they are first used, and whoever is
/// forked later has them.
struct Rehearsal {
    private static let plan = ShimPlan(
        jobID: [UInt8](repeating: 0, count: 16), program: "true", arguments: [""],
        environment: [ShimPlan.Variable(name: "PATH", value: "/bin")], workingDirectory: "/",
        mergeOutput: false, makePIDNamespace: true, cgroupDirectory: "/job",
        shimCgroupDirectory: "/shim",
        logLimit: ShimPlan.LogLimit(bytesMax: 1 << 20, action: .keepNewest))

    private let system: any ShimSystem

    init(system: any ShimSystem) {
        self.system = system
    }

    /// Leaves nothing open and nothing changed.
    func run() {
        let plan = (try? ShimPlan(decoding: Self.plan.encoded())) ?? Self.plan
        let search = ProgramSearch(program: plan.program, environment: plan.environment)
        _ = search.candidates.map { "\($0)=\($0)" }
        listen()
        relay()
        try? record(plan)
    }

    private func listen() {
        guard let signals = try? system.openSignals() else { return }
        system.signal(SIGCHLD, process: system.processID)
        _ = system.wait(for: [signals], until: system.monotonicNanoseconds).map { [$0] }
        _ = system.readSignals(signals)
        system.close(signals)
    }

    private func relay() {
        _ = Relay(system: system, standardOutput: -1, standardError: -1).descriptors
        guard let pipe = try? system.makeOutputPipe() else { return }
        system.close(pipe.write)
        let keeper = LocalKeeper(
            system: system, leader: StartedProcess(pid: 0, descriptor: pipe.read),
            reach: .namespace)
        var sequence = EndSequence()
        for event in keeper.descriptorReady() { _ = sequence.handle(event) }
    }

    private func record(_ plan: ShimPlan) throws(SystemError) {
        let storage = Nowhere()
        let header = IndexHeader(jobID: plan.jobID, head: 0, createdNanoseconds: 0, shimPID: 0)
        let index = try IndexFile(storage: storage, descriptor: -1, header: header)
        var writer = OutputWriter(storage: storage, log: -1, index: index, limit: plan.logLimit)
        try writer.recordStart(at: 0, shimPID: 0, leaderPID: 0)
        try writer.finish(
            JobEnd(
                verdict: Verdict(how: .exited(code: 0)), usage: system.childrenUsage(),
                timeNanoseconds: 0, isLogSynchronized: true))
    }
}

/// Takes everything and keeps nothing.
private final class Nowhere: ShimStorage {
    let wallClockNanoseconds: Int64 = 0

    func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64
    ) -> Int { bytes.count }

    func size(of descriptor: Int32) -> UInt64 { 0 }

    func reserve(_ count: Int, in descriptor: Int32, at offset: UInt64) {}

    func punch(_ range: Range<UInt64>, of descriptor: Int32) {}

    func synchronize(_ descriptor: Int32, withinNanoseconds patience: Int64) {}
}
