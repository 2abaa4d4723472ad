import Foundation

/// A job whose shim is killed, and which would succeed otherwise.
final class Victim {
    static let play = Play.talks(lines: 100, pause: 0.01, code: 0)

    let id: String
    private let daemon: Daemon
    private let follower: FollowingClient

    /// A job that was started, and is followed from now on.
    init(_ id: String, on daemon: Daemon) throws {
        self.id = id
        self.daemon = daemon
        follower = FollowingClient(daemon, startsByFollowing: false)
        try follower.ask(["get-output", id])
    }

    /// Kills its shim; false if that has ended before.
    func killShim() throws -> Bool {
        guard let shim = try? daemon.shim(of: id) else { return false }
        kill(shim, SIGKILL)
        try ProcessTable.waitForEnd(of: shim)
        return true
    }

    /// Everything that must not be so when a shim was killed: a success that nobody has seen, output
    /// that nobody wrote or that a follower has not got, and anything that lives on.
    func faults() throws -> [String] {
        _ = try follower.hear(waiting: true)
        let waited = try daemon.cmdctl("wait", id)
        let ending = try daemon.status(id).ending
        let log = FileManager.default.contents(atPath: daemon.log(of: id)) ?? Data()
        let followed = follower.output.utf8.count + follower.errorOutput.utf8.count
        let isWhole =
            follower.output == Self.play.output && follower.errorOutput == Self.play.errorOutput
        let isTold = ending == Self.play.ending
        let checks: [(String, Bool)] = [
            ("ended as \(ending)", isTold || Self.unknowable.contains(ending.outcome)),
            ("succeeded without its output", !isTold || isWhole),
            ("wait exits with 0: \(waited)", isTold || waited.code != 0),
            ("output that nobody wrote", Self.play.output.hasPrefix(follower.output)),
            (
                "errors that nobody wrote: \(follower.errorOutput)",
                Self.play.errorOutput.hasPrefix(follower.errorOutput)
            ),
            ("followed \(followed) of \(log.count) bytes", followed == log.count),
        ]
        let left = Leftovers.processes(of: [id])
        return checks.filter { !$0.1 }.map { "\(id) \($0.0)" } + left
    }

    /// What is said of a job when nobody can know how it ended, or that it ever ran.
    private static let unknowable = ["LOST", "START_FAILED"]
}
