import ArgumentParser
import JobsAPI
import Reactor

/// `cmdctld`: parse, build, run, exit code.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cmdctld",
        abstract: "Runs commands as jobs and streams what they write, over mutual TLS.",
        usage: "cmdctld [options]",
        discussion: """
            EXAMPLES:
              cmdctl pki init ~/pki
              cmdctl pki issue --dir ~/pki server --host localhost --host 127.0.0.1
              cmdctld --state-dir ~/jobs --listen 127.0.0.1:9090 --cert ~/pki/server.pem \\
                  --key ~/pki/server.key --client-ca ~/pki/client-ca.pem
              cmdctld --config /etc/cmdctl/cmdctld.yaml
              cmdctld --check-policy /etc/cmdctl/policy.yaml

            The configuration file has a line for each flag, as state_dir: /var/lib/cmdctl.
            TERM and INT end the daemon gracefully; a second one ends it at once. HUP reads the
            policy anew.
            """,
        version: Release.version)

    @OptionGroup var options: Options

    func run() throws {
        Environment.openStandardDescriptors()
        Environment.ignoreBrokenPipes()
        let kernel = LinuxKernel()
        let standardError = DiagnosticStream(2, kernel: kernel)
        do throws(StartupError) {
            if let path = options.checkPolicy {
                return try checkPolicy(path, kernel, standardError)
            }
            let descriptors = try DescriptorBudget(dividing: Environment.raiseDescriptorLimit())
            try Daemon.run(
                try options.checked(of: kernel), descriptors: descriptors, sink: standardError)
        } catch {
            standardError.write("cmdctld: \(error.sentence)")
            throw ExitCode.failure
        }
    }

    /// Says whether a policy could be followed, without starting anything.
    private func checkPolicy(
        _ path: String, _ kernel: LinuxKernel, _ standardError: DiagnosticStream
    ) throws(StartupError) {
        do throws(PolicyProblem) {
            let file = try PolicyFile(at: path, kernel: kernel)
            standardError.write("\(path): \(file.rules.count) rules, nothing wrong")
        } catch {
            throw .policy(error)
        }
    }
}
