import Foundation
import Testing

/// How cmdctld starts, refuses to, and ends.
@Suite(.timeLimit(.minutes(10)))
struct DaemonTests {
    @Test func `a second daemon on the same state directory is refused`() throws {
        let daemon = try Daemon()
        let finished = try refused(daemon, state: daemon.stateDirectory)
        #expect(finished.errorText.contains(daemon.stateDirectory), "\(finished)")
        #expect(finished.errorText.contains("another"), "\(finished)")
        #expect(try daemon.cmdctl("list").code == 0, "the first is not disturbed")
    }

    @Test func `a port in use is refused`() throws {
        let daemon = try Daemon()
        let finished = try refused(
            daemon, state: daemon.directory.path("second"), listen: daemon.address)
        #expect(finished.errorText.contains(daemon.address), "\(finished)")
        #expect(finished.errorText.contains("--listen"), "\(finished)")
    }

    @Test func `a state directory that cannot be written is refused`() throws {
        let daemon = try Daemon()
        let file = try daemon.directory.write("a file, not a directory", to: "file")
        let finished = try refused(daemon, state: file + "/state")
        #expect(finished.errorText.contains(file), "\(finished)")
    }

    @Test(arguments: [
        ("lissten: 127.0.0.1:0\n", "listen"), ("state_dirr: /tmp\n", "state_dir"),
        ("on_shutdown: perhaps\n", "leave"), ("listen: [1, 2]\n", "listen"), ("a: b: c\n", "yaml"),
        ("listen: 9090\n", "quotes"),
    ])
    func `a configuration with a mistake in it is refused, with a hint`(
        configuration: String, hint: String
    ) throws {
        let daemon = try Daemon()
        let file = try daemon.directory.write(configuration, to: "wrong.yaml")
        let finished = try refused(
            daemon, state: daemon.directory.path("second"), configuration: file)
        #expect(finished.errorText.contains("wrong.yaml"), "\(finished)")
        #expect(finished.errorText.lowercased().contains(hint), "\(finished)")
    }

    @Test func `an unknown flag is a usage error`() throws {
        let finished = try RunningProgram(
            Spawn(path: Programs.cmdctld, arguments: ["--frobnicate"])
        ).finish()
        #expect(finished.code == 64, "\(finished)")
    }

    @Test func `a file can say what flags can`() throws {
        let daemon = try Daemon()
        let server = daemon.certificates.server
        let file = try daemon.directory.write(
            """
            state_dir: \(daemon.directory.path("second"))
            listen: 127.0.0.1:0
            cert: \(server.certificate)
            key: \(server.key)
            client_ca: \(daemon.certificates.clientAuthority)
            backend: epoll
            on_shutdown: leave

            """, to: "whole.yaml")
        let program = try RunningProgram(
            Spawn(path: Programs.cmdctld, arguments: ["--config", file]))
        var listens = false
        while !listens, let line = try program.nextErrorLine() {
            listens = line.hasPrefix("listening on 127.0.0.1:")
        }
        #expect(listens)
        program.signal(15)
        #expect(try program.waitForEnd() == 0)
    }

    @Test(arguments: [2, 15] as [Int32])
    func `a signal ends it gracefully and leaves the jobs`(signal: Int32) throws {
        let daemon = try Daemon()
        let job = try daemon.run(["sleep", "1000"])
        let shim = try daemon.shim(of: job)
        daemon.program.signal(signal)
        #expect(try daemon.program.waitForEnd() == 0)
        #expect(ProcessTable.isAlive(shim))
    }

    @Test func `on_shutdown stop takes the jobs along`() throws {
        let daemon = try Daemon(configuration: "on_shutdown: stop\n")
        let job = try daemon.run(["sleep", "1000"])
        let shim = try daemon.shim(of: job)
        daemon.program.signal(15)
        #expect(try daemon.program.waitForEnd() == 0)
        try ProcessTable.waitForEnd(of: shim)
    }

    @Test(arguments: [false, true])
    func `an admin ends it, with the jobs or without`(stopJobs: Bool) throws {
        let daemon = try Daemon()
        let admin = try daemon.certificates.issue("root", role: "admin")
        let job = try daemon.run(["sleep", "1000"])
        let shim = try daemon.shim(of: job)
        let finished = try daemon.start(
            ["shutdown"] + (stopJobs ? ["--stop-jobs"] : []), as: admin
        ).finish()
        #expect(finished.code == 0, "\(finished)")
        #expect(try daemon.program.waitForEnd() == 0)
        #expect(ProcessTable.isAlive(shim) == !stopJobs)
    }

    @Test func `a follower hears of the end that a shutdown brings`() throws {
        let daemon = try Daemon()
        let admin = try daemon.certificates.issue("root", role: "admin")
        let job = try daemon.runShell("echo ready; sleep 1000")
        let follower = try daemon.start(["get-output", "--exit-code", job])
        #expect(try follower.nextLine() == "ready")
        #expect(try daemon.cmdctl("shutdown", "--stop-jobs", as: admin).code == 0)
        let finished = try follower.finish()
        #expect(finished.code == 143, "\(finished)")
    }

    @Test func `logs and indexes are the owner's alone`() throws {
        let daemon = try Daemon()
        let job = try daemon.run(["true"])
        _ = try daemon.cmdctl("wait", job)
        for path in [daemon.stateDirectory, daemon.stateDirectory + "/logs", daemon.log(of: job)] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect((mode as? Int).map { $0 & 0o077 } == 0, "\(path)")
        }
    }

    /// Starts a second daemon that must not come up, and returns what it said.
    private func refused(
        _ daemon: Daemon, state: String, listen: String = "127.0.0.1:0",
        configuration: String? = nil
    ) throws -> Finished {
        let finished = try RunningProgram(
            Spawn(
                path: Programs.cmdctld,
                arguments: ["--state-dir", state, "--listen", listen]
                    + Daemon.securityFlags(daemon.certificates)
                    + (configuration.map { ["--config", $0] } ?? []))
        ).finish()
        #expect(finished.code != 0, "\(finished)")
        #expect(!finished.errorText.contains("listening on"), "\(finished)")
        return finished
    }
}
