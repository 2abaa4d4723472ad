import Foundation

/// A cmdctld of a test's own.
///
/// It has a temporary state directory, a port of the kernel's choice and its own certificates. It and
/// all of its jobs are gone with it.
final class Daemon {
    let directory: TemporaryDirectory
    let certificates: Certificates
    private(set) var program: RunningProgram
    /// `127.0.0.1:PORT`.
    private(set) var address: String
    /// The tenant most tests are.
    let alice: Identity
    private let launch: Launch
    /// What must be there as long as it is.
    let kept: TemporaryDirectory?
    /// Which of its directories is a small disk that nobody else sees.
    private let disk: SmallDisk?

    init(
        configuration: String? = nil, disk: SmallDisk? = nil, host: String = "127.0.0.1",
        path: String = Programs.cmdctld, keeping kept: TemporaryDirectory? = nil,
        withoutPolicy: Bool = false
    ) throws {
        self.kept = kept
        self.disk = disk
        directory = try TemporaryDirectory()
        certificates = try Certificates(in: directory.path("pki"), host: host)
        alice = try certificates.issue("alice")
        if let configuration { try directory.write(configuration, to: "cmdctld.yaml") }
        var command = disk?.wrapper(in: directory) ?? []
        command += [path, "--state-dir", directory.path("state")]
        command += Self.securityFlags(certificates)
        if let backend = Programs.backend, configuration?.contains("backend:") != true {
            command += ["--backend", backend]
        }
        if configuration != nil { command += ["--config", directory.path("cmdctld.yaml")] }
        if !withoutPolicy, configuration?.contains("policy:") != true {
            // Jobs of most tests look at the host, which is for admins without a policy.
            let policy = "defaults: {isolation: [strict, image, host]}"
            command += ["--policy", try directory.write(policy, to: "policy.yaml")]
        }
        launch = Launch(command: command)
        program = try launch.program(listen: "\(host):0")
        address = try Launch.promptAddress(of: program)
    }

    deinit {
        // Shims outlive their daemon by design: find them by the jobs they carry as arguments. What
        // runs without a namespace outlives its shim, too, if that has no time to end it.
        let jobIDs = jobIDs
        kill(program.pid, SIGKILL)
        for shim in jobIDs.flatMap(ProcessTable.withArgument) {
            for process in ProcessTable.descendants(of: shim) + [shim] { kill(process, SIGKILL) }
        }
    }

    /// As this process can see it: a mount of the daemon's own is reached through the daemon.
    var stateDirectory: String {
        (disk == nil ? "" : "/proc/\(program.pid)/root") + directory.path("state")
    }
    var port: String { String(address.split(separator: ":").last ?? "") }

    /// The identifiers of all jobs that have left a file.
    var jobIDs: Set<String> {
        let names = try? FileManager.default.contentsOfDirectory(atPath: stateDirectory + "/logs")
        return Set((names ?? []).filter { $0.count == 40 }.map { String($0.dropLast(4)) })
    }

    /// The path of a job's log.
    func log(of job: String) -> String { "\(stateDirectory)/logs/\(job).log" }

    /// The shim of a running job.
    func shim(of job: String) throws -> pid_t {
        let shims = ProcessTable.withArgument(job).filter { pid in
            ProcessTable.arguments(of: pid).first?.hasSuffix("cmdctl-shim") == true
        }
        // Its init is a fork of it and bears the same arguments; the shim is the parent of it.
        let parents = shims.filter { pid in
            !shims.contains { $0 != pid && ProcessTable.children(of: $0).contains(pid) }
        }
        guard parents.count == 1 else { throw EndToEndFailure("shims of \(job): \(shims)") }
        return parents[0]
    }

    /// What cmdctld is started with, other than the state directory and the address.
    static func securityFlags(_ certificates: Certificates) -> [String] {
        let server = certificates.server
        return [
            "--cert", server.certificate, "--key", server.key, "--client-ca",
            certificates.clientAuthority,
        ]
    }

    // MARK: Lives

    /// Ends this life of the daemon by a signal and begins another, on the same directory and at
    /// another port.
    func restart(by signal: Int32) throws {
        program.signal(signal)
        try program.waitForEnd()
        let host = address.prefix { $0 != ":" }
        program = try launch.program(listen: "\(host):0")
        address = try Launch.promptAddress(of: program)
    }

    /// Kills the daemon as the kernel might, and returns once it is gone.
    ///
    /// - Returns: How it ended: 137, unless it was gone before.
    @discardableResult
    func die() throws -> Int32 {
        program.signal(SIGKILL)
        return try program.waitForEnd()
    }

    /// Starts the daemon again, where the last one was.
    func restart(environment: [String: String] = [:]) throws {
        try begin(environment: environment)
        address = try Launch.promptAddress(of: program)
    }

    /// Starts the daemon again, and does not wait for what comes of it.
    func begin(environment: [String: String]) throws {
        program = try launch.program(listen: address, environment: environment)
    }

    /// Waits until it listens; false if it ends before.
    func comesToListen() throws -> Bool {
        try Launch.address(of: program) != nil
    }

    /// Waits for its end, which something else must bring about.
    func waitForEnd() throws -> Int32 {
        try program.waitForEnd()
    }
}

/// How a daemon is started, each time.
private struct Launch {
    let command: [String]

    func program(
        listen address: String, environment: [String: String] = [:]
    ) throws -> RunningProgram {
        try RunningProgram(
            Spawn(
                path: command[0],
                arguments: Array(command.dropFirst()) + ["--listen", address],
                environment: environment))
    }

    /// Reads the daemon's log up to the line that says where it listens; nil if it ends before.
    static func address(of program: RunningProgram) throws -> String? {
        let prefix = "listening on "
        while let line = try program.nextErrorLine() {
            if line.hasPrefix(prefix) { return String(line.dropFirst(prefix.count)) }
        }
        return nil
    }

    /// The same, of a daemon that has nothing else to do.
    static func promptAddress(of program: RunningProgram) throws -> String {
        if let address = try address(of: program) { return address }
        throw EndToEndFailure("cmdctld does not listen: \(try program.finish())")
    }
}
