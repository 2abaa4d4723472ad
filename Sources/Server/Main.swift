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
              cmdctld --config /etc/cmdctl/cmdctld.yaml --check
              cmdctld --check-policy /etc/cmdctl/policy.yaml

            The configuration file has a line for each flag, as state_dir: /var/lib/cmdctl.
            TERM and INT end the daemon gracefully; a second one ends it at once. HUP reads the
            policy anew.
            """,
        version: Release.version)

    @OptionGroup var options: Options

    /// What the parser finds wrong begins with the program's name, as all other errors do.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let text = fullMessage(for: error)
            let mark = "Error: "
            guard text.hasPrefix(mark) else { exit(withError: error) }
            DiagnosticStream(2, kernel: LinuxKernel())
                .write("cmdctld: \(text.dropFirst(mark.count))")
            exit(withError: exitCode(for: error))
        }
    }

    func run() throws {
        Environment.openStandardDescriptors()
        Environment.ignoreBrokenPipes()
        let kernel = LinuxKernel()
        kernel.mapMemory(from: Limits.mappedBytes)
        let standardError = DiagnosticStream(2, kernel: kernel)
        do throws(StartupError) {
            if let path = options.checkPolicy {
                return try checkPolicy(path, kernel, standardError)
            }
            if options.check { return try check(kernel, standardError) }
            let descriptors = try DescriptorBudget(dividing: Environment.raiseDescriptorLimit())
            try Daemon.run(
                try options.checked(of: kernel), descriptors: descriptors, sink: standardError)
        } catch {
            standardError.write("cmdctld: \(error.sentence)")
            throw ExitCode.failure
        }
    }

    /// Says whether the daemon could be started as it was told, without starting it.
    private func check(
        _ kernel: LinuxKernel, _ standardError: DiagnosticStream
    ) throws(StartupError) {
        let check = StartupCheck(configuration: try options.checked(of: kernel), kernel: kernel)
        let problems = check.problems
        guard let last = problems.last else { return standardError.write("nothing wrong") }
        for problem in problems.dropLast() { standardError.write("cmdctld: \(problem.sentence)") }
        throw last
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
