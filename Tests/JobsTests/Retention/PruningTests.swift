import Logging
import Reactor
import Simulator
import Testing

@testable import Jobs

/// When what is not kept is deleted; the method is a simulated machine whose time passes at once.
@Suite struct PruningTests {
    /// What is done for the one that prunes, and what it asked for.
    private final class Bench {
        let machine = SimulatedMachine(seed: 1)
        let reactor: Reactor
        var living: [JobID] = []
        /// How often somebody asked what lives.
        var looks = 0
        var failures = 0
        var deleted: [JobID] = []

        init() {
            reactor = machine.makeReactor()
        }

        func pruning(_ policy: RetentionPolicy) throws -> Pruning {
            var limits = JobLimits()
            limits.retention = policy
            let pruning = Pruning(
                reactor: reactor,
                directory: try LogDirectory(path: "/logs", kernel: reactor.kernel),
                limits: limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                living: { [unowned self] in
                    looks += 1
                    return living
                },
                bound: { _, _ in },
                delete: { [unowned self] id, then in
                    guard failures == 0 else {
                        failures -= 1
                        return then(.failure(.draining))
                    }
                    deleted.append(id)
                    then(.success(()))
                })
            pruning.begin(with: [])
            try machine.runUntilIdle()
            return pruning
        }
    }

    @Test func `a deletion that failed holds up others for a moment, however many jobs end`() throws
    {
        let bench = Bench()
        let pruning = try bench.pruning(RetentionPolicy(jobs: 0))
        bench.failures = 1
        for number in 1...20 as ClosedRange<UInt64> {
            pruning.ended(Specimen.id(number), at: bench.reactor.kernel.wallClockNow)
            try bench.machine.advance(by: .seconds(1))
        }
        // All but the first, and none is waited for in vain.
        #expect(bench.deleted.count == 19)
    }

    @Test func `what lives is looked at though the next deletion is far away`() throws {
        let bench = Bench()
        let pruning = try bench.pruning(RetentionPolicy(age: .seconds(86_400), totalBytes: 1))
        pruning.ended(Specimen.id(1), at: bench.reactor.kernel.wallClockNow)
        try bench.machine.advance(by: .seconds(1))
        bench.living = [Specimen.id(2)]
        bench.looks = 0
        pruning.started()
        try bench.machine.advance(by: .seconds(6))
        #expect(bench.looks > 0)
    }
}
