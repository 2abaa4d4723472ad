import Testing

/// Followers and waiters over ten restarts of the daemon, half of them by kill -9.
///
/// The goal is that nobody who watches a job can tell, but for two lines on standard error. The
/// method is one daemon, a watcher of each kind, jobs that write as fast as they can around every
/// restart, and a checksum. A proxy keeps the address while the port changes.
@Suite(.timeLimit(.minutes(10)))
struct RestartTests {
    private static let restarts = 10
    private static let count = 100_000

    let daemon: Daemon
    let proxied: ProxiedClient

    init() throws {
        daemon = try Daemon()
        proxied = ProxiedClient(daemon: daemon, proxy: try CuttingProxy(before: daemon.port))
    }

    @Test func `get-output, run --follow and wait outlast ten restarts`() throws {
        let gates = (1...Self.restarts).map { Gate("gate\($0)", in: daemon.directory) }
        let script =
            "echo begun >&2; " + gates.map { "seq \(Self.count); \($0.wait); " }.joined()
            + "seq \(Self.count); exit 7"
        let job = try daemon.runShell(script)
        let followers = try [
            ["get-output", "--exit-code", job],
            ["run", "--isolation", "host", "--follow", "--", "sh", "-c", script],
        ].map { try proxied.follow($0) }
        // A server that is killed within a start may have to say that it failed.
        for follower in followers { #expect(try follower.nextErrorLine() == "begun") }
        let waiter = try proxied.start(["wait", job], after: try proxied.greeting(job))

        for (number, gate) in gates.enumerated() {
            try daemon.restart(by: number.isMultiple(of: 2) ? 9 : 15)
            try proxied.proxy.lead(to: daemon.port)
            for watcher in followers + [waiter] {
                let lost = try watcher.nextErrorLine()
                #expect(lost?.hasSuffix("reconnecting…") == true, "\(lost ?? "no line")")
                let found = try watcher.nextErrorLine()
                #expect(found?.hasPrefix("cmdctl: reconnected") == true, "\(found ?? "no line")")
            }
            // What is written now is on its way when the next restart comes.
            try gate.open()
        }
        let expected = try Self.expectedSum()
        for follower in followers {
            let finished = try follower.finish()
            #expect(finished.code == 7, "\(finished)")
            #expect(finished.line == expected, "\(finished)")
        }
        #expect(try waiter.finish().code == 7)
        #expect(daemon.jobIDs.count == 2, "no job was started twice")
    }

    private static func expectedSum() throws -> String {
        let line = "for i in $(seq \(restarts + 1)); do seq \(count); done | sha256sum"
        return try RunningProgram(Spawn(path: "/bin/bash", arguments: ["-c", line])).finish().line
    }
}
