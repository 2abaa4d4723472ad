extension Daemon {
    /// Starts cmdctl as a user and leaves it running.
    func start(
        _ arguments: [String], as identity: Identity? = nil, environment: [String: String] = [:]
    ) throws -> RunningProgram {
        try RunningProgram(
            Spawn(
                path: Programs.cmdctl,
                arguments: ["--server", address] + (identity ?? alice).flags + arguments,
                environment: environment, workingDirectory: directory.path))
    }

    /// Runs cmdctl to its end.
    func cmdctl(
        _ arguments: String..., as identity: Identity? = nil,
        environment: [String: String] = [:]
    ) throws -> Finished {
        try start(arguments, as: identity, environment: environment).finish()
    }

    /// Starts a job through `cmdctl run` and returns its identifier.
    ///
    /// It shares the host's files with the test unless another isolation is named: so tests make
    /// jobs wait, and look at what they have done.
    func run(
        _ command: [String], isolation: String = "host", flags: [String] = [],
        as identity: Identity? = nil
    ) throws -> String {
        let words = ["run", "--isolation", isolation] + flags + ["--"] + command
        let finished = try start(words, as: identity).finish()
        guard finished.code == 0, finished.lines.count == 1 else {
            throw EndToEndFailure("\(finished)")
        }
        return finished.line
    }

    /// Starts a job that is a line of shell.
    func runShell(_ script: String, flags: [String] = [], as identity: Identity? = nil) throws
        -> String
    {
        try run(["sh", "-c", script], flags: flags, as: identity)
    }
}
