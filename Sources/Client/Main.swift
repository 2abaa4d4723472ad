import Glibc
import Reactor

/// `cmdctl`: reads its words, does what they say, exits as they deserve.
@main
enum Main {
    static func main() {
        openStandardDescriptors()
        do {
            // It lives for milliseconds and waits for one connection: a ring would not pay.
            let reactor = try Reactor(choosing: .epoll)
            let console = Console(
                reactor: reactor, writer: OutputWriter(reactor: reactor),
                interruption: ignoresInterrupts ? nil : try Interruption(reactor: reactor))
            let program = Program(console: console, origin: .here)
            exit(program.run(try Program.words()).code)
        } catch let failure as Failure {
            fail("\(failure)", failure.exitStatus)
        } catch {
            fail("cannot start: \(error)", .ownFailure)
        }
    }

    /// A stream that was closed before we started must not become the number of a socket of ours.
    private static func openStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one, since those below it are open. open(2)
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// A script's background commands ignore ^C; a signalfd would hear it all the same.
    private static var ignoresInterrupts: Bool {
        var action = sigaction()
        guard sigaction(SIGINT, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func fail(_ sentence: String, _ status: ExitStatus) -> Never {
        let text = Array("cmdctl: \(sentence)\n".utf8)
        _ = write(STDERR_FILENO, text, text.count)
        exit(status.code)
    }
}
