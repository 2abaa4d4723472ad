import Foundation
import Testing

/// The daemon dies with -9 at any moment, and nobody can tell afterwards.
///
/// The method is many jobs and clients on a daemon that is killed and started again at moments that
/// a seed draws; then every job is held to what it must have written and how it must have ended,
/// as its followers saw it. `CMDCTL_CRASHES` says how many moments; `make crash` takes 200.
@Suite struct DaemonCrashTests {
    static let crashesPerStorm = 5

    /// The seeds of as many tests as it takes for all the crashes that are asked for.
    static func seeds(per test: Int) -> [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        let crashes = environment["CMDCTL_CRASHES"].flatMap { Int($0) } ?? 20
        let first = environment["CMDCTL_SEED"].flatMap { UInt64($0) } ?? 1
        return (0..<UInt64(max(1, crashes / test))).map { first + $0 }
    }

    @Test(.timeLimit(.minutes(15)), arguments: seeds(per: crashesPerStorm))
    func `killed at random moments, it loses and invents nothing`(seed: UInt64) throws {
        let storm = try CrashStorm(seed: seed)
        try storm.rage(crashes: Self.crashesPerStorm)
        print("storm \(seed): \(storm.histogram.sorted { $0.key < $1.key })")
        #expect(try storm.cast.flatMap { try $0.faults() } == [], "seed \(seed)")
        #expect(try storm.daemon.faults(ofJobsBesides: storm.cast) == [], "seed \(seed)")
        let jobs = storm.cast.compactMap(\.id)
        #expect(try storm.daemon.leftovers(deleting: jobs) == [], "seed \(seed)")
    }
}
