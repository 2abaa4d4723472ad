import Glibc
import ShimCore

/// `cmdctl-shim`: runs one job, as the plan on descriptor 3 says.
///
/// Its one argument is the job's identifier, for people who look at a list of processes and for a
/// daemon that looks for its shims. The daemon also starts it for work on images, with other
/// arguments, and as the nursery, from which it forks most shims.
@main
enum Main {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let tool = ImageTool(arguments) { exit(tool.run()) }
        let isFromNursery = NurseryServer.isMeant(by: arguments)
        if isFromNursery {
            NurseryServer.awaitBirth(arguments: CommandLine.unsafeArgv)
        } else {
            guard nameOneJob(arguments) else { explain() }
        }
        // Nothing is buffered, and nobody has asked to be called at the end.
        _exit(Shim.main(system: makeSystem(isFromNursery: isFromNursery)).rawValue)
    }

    /// Not in `main`, where a closure makes sure that it runs on the main actor: that alone takes
    /// Concurrency and Dispatch into the static program, which get ready at every start.
    private static func nameOneJob(_ arguments: [String]) -> Bool {
        arguments.count == 1 && !arguments.contains { $0.hasPrefix("-") }
    }

    private static func explain() -> Never {
        let sentence = "cmdctl-shim keeps one job of cmdctld, which starts it; nobody else can.\n"
        _ = write(STDERR_FILENO, sentence, sentence.utf8.count)
        exit(64)  // EX_USAGE, sysexits.h
    }

    private static func makeSystem(isFromNursery: Bool) -> LinuxSystem {
        #if DEBUG
            if let stopAt = StopAt() {
                return LinuxSystem(isFromNursery: isFromNursery, onStep: stopAt.reached)
            }
        #endif
        return LinuxSystem(isFromNursery: isFromNursery)
    }
}
