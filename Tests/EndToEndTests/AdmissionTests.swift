import Foundation
import Testing

/// Who may start what, when, and what those are told who may not, with the built programs.
@Suite(.timeLimit(.minutes(10)))
struct AdmissionTests {
    private func daemon(_ configuration: String, policy: String? = nil) throws -> Daemon {
        guard let policy else { return try Daemon(configuration: configuration) }
        let file = try TemporaryDirectory()
        try file.write(policy, to: "policy.yaml")
        return try Daemon(
            configuration: configuration + "policy: \(file.path("policy.yaml"))\n", keeping: file)
    }

    @Test func `two tenants take turns when one job runs at a time`() throws {
        let daemon = try daemon("running_max: 1\n")
        let bob = try daemon.certificates.issue("bob")
        let gate = Gate("gate", in: daemon.directory)
        _ = try daemon.runShell(gate.wait)
        #expect(try daemon.cmdctl("run", "--dry-run", "true").text.contains("queued"))
        let first = try daemon.cmdctl("run", "--", "sh", "-c", "echo alice 1")
        #expect(first.errorText.contains("queued, position 1"), "\(first)")
        let others = try [
            daemon.run(["sh", "-c", "echo alice 2"]),
            daemon.run(["sh", "-c", "echo bob 1"], as: bob),
        ]
        let followed = try daemon.start([
            "run", "--follow", "--", "sh", "-c", "echo alice 3; exit 9",
        ])
        #expect(try daemon.status(first.line).state == "JOB_STATE_QUEUED")
        #expect(try daemon.cmdctl("get-status", others[0]).text.contains("3 in the queue"))
        #expect(try daemon.cmdctl("list").text.contains("queued (1)"))
        try gate.open()
        let end = try followed.finish()
        #expect(end.code == 9 && end.text == "alice 3\n", "\(end)")
        let admin = try daemon.certificates.issue("admin", role: "admin")
        let started = try ([first.line] + others).map { try daemon.startTime(of: $0, as: admin) }
        #expect(started[0] < started[2] && started[2] < started[1], "\(started)")
    }

    @Test func `a job can be stopped while it waits, and the queue outlives the daemon`() throws {
        let daemon = try daemon("running_max: 1\n")
        let gate = Gate("gate", in: daemon.directory)
        _ = try daemon.runShell(gate.wait)
        let stopped = try daemon.run(["echo", "stopped"])
        let kept = try daemon.run(["sh", "-c", "exit 5"])
        #expect(try daemon.cmdctl("stop", stopped).code == 0)
        #expect(try daemon.status(stopped).ending == Ending("STOPPED"))
        try daemon.die()
        try daemon.restart()
        #expect(try daemon.status(kept).state == "JOB_STATE_QUEUED")
        #expect(try daemon.status(stopped).ending == Ending("STOPPED"))
        try gate.open()
        let waited = try daemon.cmdctl("wait", kept)
        #expect(waited.code == 5, "\(waited)")
        #expect(try daemon.cmdctl("rm", stopped).code == 0)
    }

    @Test func `who starts too often is told when to come back`() throws {
        let daemon = try daemon("start_rate_per_tenant: 1/h\n")
        #expect(try daemon.cmdctl("run", "true").code == 0)
        let refused = try daemon.cmdctl("run", "true")
        #expect(refused.code == 125)
        #expect(refused.errorText.contains("try again in 35"), "\(refused)")
        let bob = try daemon.certificates.issue("bob")
        #expect(try daemon.cmdctl("run", "true", as: bob).code == 0)
    }

    private static let policy = """
        rules:
          - name: builders
            tenants: [alice]
            commands: [/bin/echo, "/usr/bin/*"]
            quotas: {queued: 0, running: 1}
        """

    @Test func `what the policy refuses is refused with what it allows`() throws {
        let daemon = try daemon("", policy: Self.policy)
        let refused = try daemon.cmdctl("run", "--", "/bin/sh", "-c", "true")
        #expect(refused.code == 125)
        #expect(refused.errorText.contains("'builders'"), "\(refused)")
        #expect(refused.errorText.contains("'/bin/echo'"), "\(refused)")
        #expect(try daemon.cmdctl("run", "--follow", "--", "/bin/echo", "hi").text == "hi\n")
        let json = try daemon.cmdctl("run", "-o", "json", "--shell", "true")
        #expect(json.errorText.contains("POLICY_DENIED"), "\(json)")
        let bob = try daemon.certificates.issue("bob")
        #expect(try daemon.cmdctl("run", "--", "/bin/sh", "-c", "true", as: bob).code == 0)
    }

    @Test func `a policy that changes drops no stream, and a broken one changes nothing`() throws {
        let daemon = try daemon("", policy: Self.policy)
        let follower = try daemon.start(
            ["run", "--follow", "--", "/usr/bin/env", "sh", "-c", "echo a; sleep 4321"])
        #expect(try follower.nextLine() == "a")
        try daemon.replacePolicy("rules: [{tenants: [alice], commands: [/bin/false]}]")
        try daemon.waitForLog("the policy was read")
        #expect(try daemon.cmdctl("run", "/bin/echo").errorText.contains("/bin/false"))
        try daemon.replacePolicy("rules: [{tenant: [alice]}]")
        try daemon.waitForLog("did you mean")
        #expect(try daemon.cmdctl("run", "/bin/echo").errorText.contains("/bin/false"))
        daemon.program.signal(SIGHUP)
        try daemon.waitForLog("the old policy stays in force")
        let job = try #require(try daemon.cmdctl("list", "-o", "name").lines.last)
        #expect(try daemon.status(job).state == "JOB_STATE_RUNNING")
        #expect(try daemon.cmdctl("stop", job).code == 0)
        #expect(try follower.finish().code == 143)
    }

    @Test func `a broken policy is found before the start, and by a check`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("rules: [{tenant: [alice]}]", to: "bad.yaml")
        try directory.write(Self.policy, to: "good.yaml")
        let bad = try Self.check(directory.path("bad.yaml"))
        #expect(bad.code == 1)
        #expect(bad.errorText.contains("bad.yaml, line 1: a rule has no key \"tenant\""), "\(bad)")
        let good = try Self.check(directory.path("good.yaml"))
        #expect(good.code == 0 && good.errorText.contains("1 rules"), "\(good)")
    }

    @Test func `all that would keep a daemon from starting is said at once`() throws {
        let daemon = try daemon("", policy: Self.policy)
        let words =
            ["--config", daemon.directory.path("cmdctld.yaml")]
            + Daemon.securityFlags(daemon.certificates)
        let good = try Self.checkAll(words)
        #expect(good.code == 0 && good.errorText == "nothing wrong\n", "\(good)")
        let bad = try daemon.directory.write("rules: [{tenant: [alice]}]", to: "bad.yaml")
        let refused = try Self.checkAll(words + ["--policy", bad, "--key", "/no/key"])
        #expect(refused.code == 1)
        #expect(refused.errorText.contains("/no/key"), "\(refused)")
        // In the words of the check of the file alone, and of a daemon that reads it anew.
        let alone = try Self.check(bad).errorText
        #expect(alone.contains("did you mean") && refused.errorText.hasSuffix(alone), "\(refused)")
    }

    private static func checkAll(_ words: [String]) throws -> Finished {
        try RunningProgram(Spawn(path: Programs.cmdctld, arguments: ["--check"] + words)).finish()
    }

    private static func check(_ path: String) throws -> Finished {
        try RunningProgram(
            Spawn(path: Programs.cmdctld, arguments: ["--check-policy", path])
        ).finish()
    }
}

extension Daemon {
    /// When a job began to run.
    fileprivate func startTime(of job: String, as admin: Identity) throws -> String {
        let waited = try cmdctl("wait", job, as: admin)
        #expect(waited.code == 0, "\(waited)")
        let json = try cmdctl("get-status", job, "-o", "json", as: admin)
        let object = try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any]
        return try #require(object?["startTime"] as? String)
    }

    /// Puts another file in the place of the policy, as editors do.
    fileprivate func replacePolicy(_ text: String) throws {
        let directory = try #require(kept)
        try directory.write(text, to: "policy.new")
        try #require(rename(directory.path("policy.new"), directory.path("policy.yaml")) == 0)
    }

    /// Reads the daemon's log up to a line that says something.
    fileprivate func waitForLog(_ text: String) throws {
        while let line = try program.nextErrorLine() {
            if line.contains(text) { return }
        }
        throw EndToEndFailure("cmdctld ended and never said: \(text)")
    }
}
