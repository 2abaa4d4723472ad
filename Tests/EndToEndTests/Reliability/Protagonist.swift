import Foundation

/// One job of a crash test, and the clients that want something of it.
///
/// They are cmdctl programs. What one of them did not get through when the server died is asked
/// again by another: the request id says that it is the same job.
final class Protagonist {
    let play: Play
    private(set) var id: String?
    private unowned let daemon: Daemon
    private var requestID = Protagonist.newRequestID()
    private let follower: FollowingClient
    private var starter: RunningProgram?
    private var waiter: RunningProgram?
    private var stopper: RunningProgram?
    private(set) var isStopped = false
    /// How many of its requests came to nothing, because the server ended in the middle of a start:
    /// each is a job that never ran, and says so.
    private(set) var failedStarts = 0
    private var codes: [String: Int32] = [:]

    /// A job that is to be started.
    ///
    /// It is followed by `run --follow`, which asks for the same job as another `run`, or else by
    /// `get-output`.
    init(_ play: Play, on daemon: Daemon, startsByFollowing: Bool) {
        self.play = play
        self.daemon = daemon
        follower = FollowingClient(daemon, startsByFollowing: startsByFollowing)
    }

    /// What cmdctl exits with when it fails itself; no job here exits with that.
    private static let ownFailure: Int32 = 125

    // MARK: Asking

    /// Asks for what has not been asked yet, or was asked in vain.
    func ask() throws {
        let run = ["run", "--isolation", "host", "--request-id", requestID]
        if id == nil, starter == nil {
            starter = try daemon.start(run + ["--"] + play.command)
        }
        if follower.startsByFollowing {
            try follower.ask(run + ["--follow", "--"] + play.command)
        }
        guard let id else { return }
        if !follower.startsByFollowing { try follower.ask(["get-output", id]) }
        if codes["wait"] == nil, waiter == nil { waiter = try daemon.start(["wait", id]) }
        if isStopped, codes["stop"] == nil, stopper == nil { try askToStop(id) }
    }

    /// Asks it to stop, if that is what it waits for, and once it is ready for that.
    func stopIfReady() throws {
        guard isReadyToStop, !isStopped, let id else { return }
        isStopped = true
        try askToStop(id)
    }

    /// Whether it waits to be stopped, and has said so.
    var isReadyToStop: Bool {
        guard play.needsStop, let id else { return false }
        let log = FileManager.default.contents(atPath: daemon.log(of: id)) ?? Data()
        return log.starts(with: Data("ready\n".utf8))
    }

    private func askToStop(_ id: String) throws {
        let grace = play == .resists ? "100ms" : "60s"
        stopper = try daemon.start(["stop", "--grace", grace, id])
    }

    // MARK: Hearing

    /// Takes the answer to the start: it comes as soon as the server is there.
    func hearOfStart() throws {
        guard let finished = try explained({ try starter?.finish() }) else { return }
        starter = nil
        if finished.code == 0 {
            id = finished.line
        } else if finished.errorText.contains("ended before the command was started") {
            failedStarts += 1
            requestID = Self.newRequestID()
        } else if finished.code != Self.ownFailure {
            throw EndToEndFailure("refused to start: \(finished)")
        }
    }

    private static func newRequestID() -> String { UUID().uuidString.lowercased() }

    /// Takes the answers of those who have ended; who failed because the server was not there will
    /// ask again.
    func hear(waitingForAll: Bool = false) throws {
        try hearOfStart()
        try explained { try hearOfEnd(waitingForAll: waitingForAll) }
    }

    private func hearOfEnd(waitingForAll: Bool) throws {
        if let code = try answer(of: &stopper, waiting: waitingForAll) {
            guard code == 0 else { throw EndToEndFailure("stop exits with \(code)") }
            codes["stop"] = code
        }
        // A stop may have come to nothing, and nothing else ends the job.
        let isEnding = !isStopped || codes["stop"] != nil
        let waits = waitingForAll && isEnding
        if let code = try follower.hear(waiting: waits) { codes["follow"] = code }
        if let code = try answer(of: &waiter, waiting: waits) { codes["wait"] = code }
    }

    /// Does what waits for a client; if that does not end, the error tells all there is to know.
    private func explained<Value>(_ waiting: () throws -> Value) throws -> Value {
        do {
            return try waiting()
        } catch let failure as EndToEndFailure {
            throw stall(failure)
        }
    }

    /// A failure, with all there is to know of it.
    func stall(_ failure: EndToEndFailure) -> Stall { Stall(failure, of: self, on: daemon) }

    /// Those that have not been heard to the end.
    var clients: [(name: String, program: RunningProgram)] {
        [
            ("starter", starter), ("follower", follower.program), ("waiter", waiter),
            ("stopper", stopper),
        ].compactMap { name, program in program.map { (name, $0) } }
    }

    private func answer(of client: inout RunningProgram?, waiting: Bool) throws -> Int32? {
        guard let program = client, waiting || !ProcessTable.isAlive(program.pid) else {
            return nil
        }
        let finished = try program.finish(by: Deadline(seconds: 120))
        client = nil
        return finished.code == Self.ownFailure ? nil : finished.code
    }

    /// Whether everybody got an answer.
    var isOver: Bool {
        id != nil && codes["follow"] != nil && codes["wait"] != nil
            && (!isStopped || codes["stop"] != nil)
    }

    /// Whether somebody still waits for its end.
    var isAwaited: Bool { waiter != nil }
    /// Whether somebody still reads its output.
    var isFollowed: Bool { follower.isReading }

    // MARK: Holding the server to it

    /// Everything that is not as if the server had never died.
    func faults() throws -> [String] {
        guard let id else { return ["never started"] }
        let status = try daemon.status(id)
        let log = FileManager.default.contents(atPath: daemon.log(of: id))?.count
        let size = play.output.utf8.count + play.errorOutput.utf8.count
        let expected = play.ending.exitCode
        let checks: [(String, Bool)] = [
            ("ended as \(status.ending), not \(play.ending)", status.ending == play.ending),
            ("has \(log ?? -1) bytes, not \(size)", log == size),
            ("wait: \(codes["wait"] ?? -1)", codes["wait"] == expected),
            (
                "follow: \(codes["follow"] ?? -1)",
                codes["follow"] == (follower.startsByFollowing ? expected : 0)
            ),
            ("output: \(follower.output.count) bytes", follower.output == play.output),
            ("errors: \(follower.errorOutput)", follower.errorOutput == play.errorOutput),
        ]
        return checks.filter { !$0.1 }.map { "\(id) (\(play)) \($0.0)" }
    }
}

extension Protagonist: CustomStringConvertible {
    var description: String {
        "\(play) \(id ?? "without an id"), "
            + (isStopped ? "was to be stopped, " : "")
            + "got \(codes.sorted { $0.key < $1.key }) and \(follower.output.utf8.count) bytes; "
            + "its follower said: \(follower.ownWords)"
    }
}

extension [Protagonist] {
    /// Lets everything come to its end under a server that lives; it hangs when nothing ends any more.
    func playToTheEnd() throws {
        var (unfinishedCount, deadline) = (count, Deadline.generous)
        while let late = first(where: { !$0.isOver }) {
            let stillUnfinished = count { !$0.isOver }
            if stillUnfinished < unfinishedCount {
                (unfinishedCount, deadline) = (stillUnfinished, .generous)
            }
            guard !deadline.isOver else {
                throw late.stall(EndToEndFailure("no end in time"))
            }
            for protagonist in self where !protagonist.isOver {
                try protagonist.ask()
                try protagonist.hearOfStart()
                try protagonist.stopIfReady()
            }
            let areAllAsked = allSatisfy { $0.id != nil && $0.isStopped == $0.play.needsStop }
            for protagonist in self where !protagonist.isOver {
                try protagonist.hear(waitingForAll: areAllAsked)
            }
        }
    }
}

extension Ending {
    /// As a shell tells it.
    var exitCode: Int32? { (code ?? signal.map { 128 + $0 }).map(Int32.init) }
}

/// A cmdctl that follows a job's output into files, so that nothing stops it.
final class FollowingClient {
    let startsByFollowing: Bool
    private unowned let daemon: Daemon
    private let path: String
    private(set) var program: RunningProgram?
    private var isOver = false

    init(_ daemon: Daemon, startsByFollowing: Bool) {
        self.daemon = daemon
        self.startsByFollowing = startsByFollowing
        path = daemon.directory.path("followed-\(UUID().uuidString)")
    }

    var isReading: Bool { program != nil }

    /// Begins to follow, or begins again.
    func ask(_ arguments: [String]) throws {
        guard program == nil, !isOver else { return }
        let command =
            [Programs.cmdctl, "--server", daemon.address] + daemon.alice.flags + arguments
        let script = "exec \"$@\" > \(path).out 2> \(path).err"
        program = try RunningProgram(
            Spawn(path: "/bin/sh", arguments: ["-c", script, "sh"] + command))
    }

    /// The code it has ended with, unless it failed itself and must begin again.
    func hear(waiting: Bool) throws -> Int32? {
        guard let program, waiting || !ProcessTable.isAlive(program.pid) else { return nil }
        let code = try program.finish(by: Deadline(seconds: 120)).code
        self.program = nil
        isOver = code != 125
        return isOver ? code : nil
    }

    var output: String { text(path + ".out") }

    /// What the job wrote, without what cmdctl says of itself between.
    var errorOutput: String {
        text(path + ".err").replacing(#/cmdctl: [^\n]*\n/#, with: "")
    }

    /// All that stands on its standard error.
    var ownWords: String { text(path + ".err") }

    private func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
