import Glibc
package import Reactor

/// A process for one test that would disturb the others: it crashes, or counts descriptors.
///
/// It is this very program again, told to run one suite and, in it, one errand. (Exit tests would
/// wait for any child of this process, and never return while another test has not reaped its own.)
package struct SeparateProcess {
    /// How it ended.
    package let status: WaitStatus
    /// What it wrote to its standard error.
    package let diagnostics: String

    /// The environment variables that name the errand and say what it is about.
    private static let variable = "CMDCTL_TEST_ERRAND"
    private static let argumentVariable = "CMDCTL_TEST_ARGUMENT"

    /// Runs `errand` in another process; `suite` is the type of the calling suite.
    ///
    /// The suite should consist of errands, because whatever else is in it runs over there as well.
    /// In that other process the call does not return: its exit code is 0, or 1 after an error. Other
    /// errands of the suite do nothing there and count as done.
    package init(
        _ name: String, in suite: Any.Type, _ errand: () throws -> Void
    ) throws {
        try self.init(name, in: suite, about: "") { _ in try errand() }
    }

    /// Runs `errand` about something only this process knows, a directory for instance.
    ///
    /// The program is started by `wrapper`, which gets it and its arguments appended.
    package init(
        _ name: String, in suite: Any.Type, about argument: String, wrapper: [String] = [],
        _ errand: (String) throws -> Void
    ) throws {
        if let given = Self.value(of: Self.variable) {
            if given == name {
                let argument = Self.value(of: Self.argumentVariable) ?? ""
                Self.runAndExit { try errand(argument) }
            }
            (status, diagnostics) = (.exited(code: 0), "")
        } else {
            let environment = ["\(Self.variable)=\(name)", "\(Self.argumentVariable)=\(argument)"]
            (status, diagnostics) = try Self.start(
                environment, wrapper: wrapper, filter: "\(suite)/")
        }
    }

    private static func value(of variable: String) -> String? {
        getenv(variable).map { String(cString: $0) }
    }

    private static func runAndExit(_ errand: () throws -> Void) -> Never {
        do {
            try errand()
            _exit(0)
        } catch {
            let text = "\(error)\n"
            write(2, text, text.utf8.count)
            _exit(1)
        }
    }

    private static func start(
        _ environment: [String], wrapper: [String], filter: String
    ) throws -> (WaitStatus, String) {
        let machine = try Machine(.epoll)
        let errors = try machine.kernel.makePipe()
        let null = try machine.kernel.openFile("/dev/null", flags: .readWrite)
        let command =
            wrapper + [ownPath, "--testing-library", "swift-testing", "--filter", filter]
        let spawn = ProcessSpawn(
            path: command[0], arguments: command,
            environment: inheritedEnvironment + environment + ["SWIFT_BACKTRACE=enable=no"],
            fileActions: [
                .init(target: 0, source: null.raw), .init(target: 1, source: null.raw),
                .init(target: 2, source: errors.write.raw),
            ])
        let child = try machine.kernel.spawn(spawn)
        machine.kernel.close(errors.write.release())
        let diagnostics = Buffer(capacity: 4096)
        while try machine.complete(.readPipe(errors.read.raw, into: diagnostics)) > 0 {
            diagnostics.reserve(4096)
        }
        let pidfd = child.descriptor.raw
        try machine.complete(.awaitReadable(pidfd))
        guard let status = try machine.kernel.reap(pidfd) else { throw Machine.Overdue() }
        return (status, diagnostics.text)
    }

    /// Whatever the tests were started with; the program finds its libraries by it.
    private static var inheritedEnvironment: [String] {
        ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"].compactMap { (name: String) in
            value(of: name).map { "\(name)=\($0)" }
        }
    }

    /// Not through /proc, where a wrapper would find itself.
    private static var ownPath: String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count)
        return String(
            decoding: path.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
