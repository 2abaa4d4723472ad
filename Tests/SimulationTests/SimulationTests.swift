import Simulator
import Testing

/// The whole server, its jobs, their shims and its users under whatever a seed draws.
///
/// The goal is that nothing is lost, doubled, invented or left over; the method is many short runs
/// on simulated machines, each held against what its jobs really did. `make sim SEED=n` replays one.
@Suite(.timeLimit(.minutes(60))) struct SimulationTests {
    @Test func `no seed finds anything wrong`() async throws {
        let plan = try SeedPlan.fromEnvironment()
        if let seed = plan.only { print(Finding(seed: seed).report(withTrace: true)) }
        let findings = await Findings.gather(plan.seeds)
        print(findings.summary)
        for finding in findings.failed.prefix(plan.shownMax) {
            print(finding.report(withTrace: false))
        }
        #expect(findings.failed.map(\.seed) == [])
    }

    @Test(arguments: [1, 7, 42, 1000, 4711] as [UInt64])
    func `the same seed gives the same run`(seed: UInt64) throws {
        let runs = (0..<2).map { _ in Finding(seed: seed).trace }
        #expect(runs[0] == runs[1])
        #expect(runs[0].count > 5)
    }
}
