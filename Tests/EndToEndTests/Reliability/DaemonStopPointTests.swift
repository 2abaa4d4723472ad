import Foundation
import Jobs
import Testing

/// The daemon dies with -9 right after each of its steps, and nobody can tell afterwards.
///
/// The method is a debug build, which kills itself at the step it is told. Four jobs are there: one
/// that is followed all the while, and one each to be started, stopped, ended and deleted.
@Suite(.timeLimit(.minutes(15)))
struct DaemonStopPointTests {
    @Test(arguments: StopPoint.allCases)
    func `killed at a step, it loses and invents nothing`(point: StopPoint) throws {
        var chances = Chances(of: point.rawValue)
        let daemon = try Daemon(
            configuration: point.part == .queue ? "running_max: 2\n" : nil,
            host: chances.loopbackHost(), path: Programs.debugDaemon)
        let scene = try Scene(on: daemon, before: point)
        try daemon.die()
        try scene.changeBetweenLives()
        try daemon.begin(environment: ["CMDCTLD_STOP_AT": point.rawValue])
        let code = try scene.provokeDeath()
        #expect(code == 137, "came to \(point) and died there")
        let phases = scene.cast.map { daemon.phase(of: $0) }
        print("\(point): \(phases.sorted().joined(separator: "; "))")
        try daemon.restart()
        try scene.conclude()
        #expect(try scene.faults() == [])
        #expect(try daemon.faults(ofJobsBesides: scene.cast) == [])
        #expect(try daemon.leftovers(deleting: scene.cast.compactMap(\.id)) == [])
    }
}
