import Glibc
import Reactor

/// `cmdctl`: reads its words, does what they say, exits as they deserve.
@main
enum Main {
    static func main() {
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
}
