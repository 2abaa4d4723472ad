import Glibc
import Reactor

/// `cmdctl`: reads its words, does what they say, exits as they deserve.
@main
enum Main {
    static func main() {
        openStandardDescriptors()
        do {
            let reactor = try Reactor()
            let console = Console(
                reactor: reactor, writer: OutputWriter(reactor: reactor),
                interruption: try Interruption(reactor: reactor))
            let program = Program(console: console, origin: .here)
            exit(program.run(Array(CommandLine.arguments.dropFirst())).code)
        } catch {
            let text = Array("cmdctl: cannot start: \(error)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            exit(ExitStatus.ownFailure.code)
        }
    }

    /// A stream that was closed before we started must not become the number of a socket of ours.
    private static func openStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one, since those below it are open. open(2)
            _ = open("/dev/null", O_RDWR)
        }
    }
}
