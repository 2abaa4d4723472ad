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
    /// Which of its directories is a small disk that nobody else sees.
    private let disk: SmallDisk?
    private let isConfigured: Bool

    init(configuration: String? = nil, disk: SmallDisk? = nil) throws {
        self.disk = disk
        directory = try TemporaryDirectory()
        certificates = try Certificates(in: directory.path("pki"))
        alice = try certificates.issue("alice")
        if let configuration { try directory.write(configuration, to: "cmdctld.yaml") }
        isConfigured = configuration != nil
        (program, address) = try Self.start(
            directory, certificates, configured: isConfigured, disk: disk)
    }

    /// Ends this life of the daemon by a signal and begins another, on the same directory and at
    /// another port.
    func restart(by signal: Int32) throws {
        program.signal(signal)
        try program.waitForEnd()
        (program, address) = try Self.start(
            directory, certificates, configured: isConfigured, disk: disk)
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

    /// Reads the daemon's log up to the line that says it listens.
    private static func start(
        _ directory: TemporaryDirectory, _ certificates: Certificates, configured: Bool,
        disk: SmallDisk?
    ) throws -> (RunningProgram, String) {
        let configuration = configured ? ["--config", directory.path("cmdctld.yaml")] : []
        let command =
            (disk?.wrapper(in: directory) ?? []) + [
                Programs.cmdctld, "--state-dir", directory.path("state"),
                "--listen", "127.0.0.1:0",
            ] + securityFlags(certificates) + configuration
        let spawn = Spawn(path: command[0], arguments: Array(command.dropFirst()))
        let program = try RunningProgram(spawn)
        let prefix = "listening on "
        while let line = try program.nextErrorLine() {
            if line.hasPrefix(prefix) { return (program, String(line.dropFirst(prefix.count))) }
        }
        throw EndToEndFailure("cmdctld does not listen: \(try program.finish())")
    }
}
