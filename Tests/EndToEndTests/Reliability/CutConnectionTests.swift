import Simulator
import Testing

/// Followers and waiters over lines that break, ten times each, without the user doing anything.
///
/// The goal is that every byte arrives once and the end is the true one. The method is a proxy that
/// cuts by reset, by close and by silence, at places drawn from a seed, and a checksum of it all.
@Suite(.timeLimit(.minutes(10)))
struct CutConnectionTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    /// Lines of numbers, 30 MB: a byte that is lost, or comes twice, changes the sum.
    private static let count = 4_000_000
    private static let script = "seq \(count); exit 7"

    @Test(arguments: [UInt64(1), 2, 3])
    func `get-output gets every byte once over ten cuts`(seed: UInt64) throws {
        let job = try daemon.runShell(Self.script)
        try expectAll(from: ["get-output", "--exit-code", job], seed: seed)
    }

    @Test(arguments: [UInt64(4), 5])
    func `run --follow gets every byte once over ten cuts`(seed: UInt64) throws {
        try expectAll(from: ["run", "--follow", "--", "sh", "-c", Self.script], seed: seed)
    }

    @Test func `a line that goes silent is given up in time, and the follow goes on`() throws {
        let client = try client([Cut(kind: .blackHole, byteCount: 1_000_000)])
        let begin = Deadline.milliseconds
        let follower = try client.follow(["run", "--follow", "--", "sh", "-c", Self.script])
        let finished = try follower.finish(by: Deadline(seconds: 120))
        #expect(finished.code == 7, "\(finished)")
        let expected = try Self.expectedSum()
        #expect(finished.line == expected)
        #expect(finished.errorText.contains("the server no longer answers"), "\(finished)")
        // 30 s, a pause, and the time of a busy machine for the stream itself.
        #expect(Deadline.milliseconds - begin < 60_000)
    }

    @Test func `wait outlasts ten cuts`() throws {
        let gate = Gate("gate", in: daemon.directory)
        let job = try daemon.runShell("\(gate.wait); exit 5")
        let client = try client()
        let waiter = try client.start(["wait", job], after: try client.greeting(job))
        for number in 1...10 {
            client.proxy.cut(number.isMultiple(of: 2) ? .reset : .finish)
            let lost = try waiter.nextErrorLine()
            #expect(lost?.hasSuffix("reconnecting…") == true, "\(lost ?? "no line")")
            #expect(try waiter.nextErrorLine() == "cmdctl: reconnected")
        }
        try gate.open()
        let finished = try waiter.finish()
        #expect(finished.code == 5, "\(finished)")
        let lines = finished.errorText.split(separator: "\n")
        #expect(lines.count == 20, "one for the loss and one for the end of each outage")
    }

    @Test func `an interrupt ends the search for a server at once`() throws {
        let job = try daemon.runShell("echo first; sleep 1000")
        let follower = try daemon.start(["get-output", job])
        #expect(try follower.nextLine() == "first")
        daemon.program.signal(9)
        #expect(try follower.nextErrorLine()?.hasSuffix("reconnecting…") == true)
        follower.signal(2)
        let finished = try follower.finish(by: Deadline(seconds: 5))
        #expect(finished.code == 130, "\(finished)")
        #expect(finished.errorText.contains(job), "it says which job goes on: \(finished)")
    }

    // MARK: Parts

    /// Follows through ten cuts, and compares what came with what was written.
    private func expectAll(from command: [String], seed: UInt64) throws {
        let client = try client(Self.plan(seed: seed))
        let finished = try client.follow(command).finish(by: Deadline(seconds: 120))
        #expect(finished.code == 7, "seed \(seed): \(finished)")
        let expected = try Self.expectedSum()
        #expect(finished.line == expected, "seed \(seed): \(finished)")
        #expect(client.proxy.cutCount == 10, "seed \(seed)")
        let lines = finished.errorText.split(separator: "\n")
        let losses = lines.count { $0.hasSuffix("reconnecting…") }
        let returns = lines.count { $0.contains("reconnected, resuming at byte ") }
        // Cuts within the attempts to come back belong to the outage that they prolong.
        #expect((1...10).contains(losses) && losses == returns, "\(finished)")
    }

    /// Ten cuts within the first 25 MB; the first one leaves the first connection time to come up,
    /// since that is made without patience.
    private static func plan(seed: UInt64) -> [Cut] {
        var chance = SeededGenerator(seed: seed)
        return (0..<10).map { number in
            Cut(
                kind: Bool.random(using: &chance) ? .reset : .finish,
                byteCount: Int.random(in: 1...2_500_000, using: &chance)
                    + (number == 0 ? 20_000 : 0))
        }
    }

    private func client(_ plan: [Cut] = []) throws -> ProxiedClient {
        ProxiedClient(daemon: daemon, proxy: try CuttingProxy(before: daemon.port, plan: plan))
    }

    private static func expectedSum() throws -> String {
        try RunningProgram(
            Spawn(path: "/bin/bash", arguments: ["-c", "seq \(count) | sha256sum"])
        ).finish().line
    }
}
