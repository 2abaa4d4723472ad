/// Starts cmdctl with a proxy between it and its daemon.
struct ProxiedClient {
    let daemon: Daemon
    let proxy: CuttingProxy

    /// Starts cmdctl.
    func start(_ command: [String]) throws -> RunningProgram {
        try RunningProgram(Spawn(path: Programs.cmdctl, arguments: words(command)))
    }

    /// Starts cmdctl, with a checksum of its standard output instead of that; the exit code is
    /// cmdctl's own.
    func follow(_ command: [String]) throws -> RunningProgram {
        let words = [Programs.cmdctl] + words(command)
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        return try RunningProgram(
            Spawn(
                path: "/bin/bash", arguments: ["-o", "pipefail", "-c", "\(quoted) | sha256sum"]))
    }

    private func words(_ command: [String]) -> [String] {
        ["--server", proxy.address] + daemon.alice.flags + command
    }

    // MARK: When it is connected

    /// How much a client sends until it is connected and has asked what `job` is like.
    func greeting(_ job: String) throws -> Int {
        let status = try start(["get-status", job]).finish()
        guard status.code == 0 else { throw EndToEndFailure("\(status)") }
        return proxy.bytesFromClient
    }

    /// The same as ``start(_:)``, and returns when cmdctl has asked for more than a greeting: it has
    /// been connected then, and bears outages.
    func start(_ command: [String], after greeting: Int) throws -> RunningProgram {
        let others = proxy.lineCount
        let program = try start(command)
        // A signature's length varies by some bytes; a request takes at least a hundred.
        try proxy.waitForClient(after: others, toSend: greeting + 40)
        return program
    }
}
