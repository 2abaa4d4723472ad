import Foundation
import ShimCore
import Testing

/// A shim dies with -9: its job dies with it, nobody takes that for success, and nobody else
/// notices.
///
/// The method is first a debug build, which kills itself at the step it is told, and then kills at
/// moments that a seed draws, among jobs that are let be.
@Suite struct ShimCrashTests {
    @Test(.timeLimit(.minutes(15)), arguments: ShimStopPoint.allCases)
    func `killed at a step, it takes its job along`(point: ShimStopPoint) throws {
        var chances = Chances(of: point.rawValue)
        let daemon = try Daemon(host: chances.loopbackHost(), path: Programs.debugDaemon)
        let bystander = try daemon.bystander()
        try daemon.die()
        // A daemon of the debug build passes it on to its shims.
        try daemon.restart(environment: ["CMDCTL_SHIM_STOP_AT": point.rawValue])

        let run = try daemon.start(["run", "--"] + Victim.play.command).finish()
        let others = try daemon.cmdctl("list", "-q").lines.filter { $0 != bystander.id }
        let id = try #require(others.first, "\(run)")
        #expect(others.count == 1)
        let victim = try Victim(id, on: daemon)
        #expect(try victim.faults() == [])
        let ending = try daemon.status(id).ending
        let isSealed = point == .endRecorded || point == .endSynchronized
        #expect((ending == Victim.play.ending) == isSealed, "\(point): \(ending)")
        print("\(point): \(ending)")

        try [bystander].playToTheEnd()
        #expect(try bystander.faults() == [])
        #expect(try daemon.leftovers(deleting: [id] + [bystander.id].compactMap { $0 }) == [])
    }

    static let killsPerStorm = 10

    @Test(.timeLimit(.minutes(15)), arguments: DaemonCrashTests.seeds(per: killsPerStorm))
    func `killed at random moments, they take their jobs along`(seed: UInt64) throws {
        var chances = Chances(seed: seed)
        let daemon = try Daemon(host: chances.loopbackHost())
        let bystanders = try (0..<2).map { _ in try daemon.bystander() }
        var victims: [Victim] = []
        var killed = 0
        for _ in 0..<Self.killsPerStorm {
            victims.append(try Victim(try daemon.run(Victim.play.command), on: daemon))
            try daemon.letLive(milliseconds: Int.random(in: 0...200, using: &chances))
            let order = victims.shuffled(using: &chances)
            if try order.contains(where: { try $0.killShim() }) { killed += 1 }
        }
        let endings = try victims.map { victim in
            #expect(try victim.faults() == [], "seed \(seed)")
            return try daemon.status(victim.id).ending.outcome
        }
        try bystanders.playToTheEnd()
        #expect(try bystanders.flatMap { try $0.faults() } == [], "seed \(seed)")
        let counts = Dictionary(endings.map { ($0, 1) }, uniquingKeysWith: +)
        print("shims, seed \(seed): \(killed) killed, \(counts.sorted { $0.key < $1.key })")
        let jobs = victims.map(\.id) + bystanders.compactMap(\.id)
        #expect(try daemon.leftovers(deleting: jobs) == [], "seed \(seed)")
    }
}

extension Daemon {
    /// A job that talks while others die, and is followed and waited for.
    fileprivate func bystander() throws -> Protagonist {
        let bystander = Protagonist(
            .talks(lines: 300, pause: 0.01, code: 7), on: self, startsByFollowing: false)
        try bystander.ask()
        try bystander.hearOfStart()
        try bystander.ask()
        guard bystander.id != nil else { throw EndToEndFailure("the bystander does not start") }
        return bystander
    }
}
