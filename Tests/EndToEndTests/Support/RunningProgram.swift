import Glibc

/// A program a test has started: its output as it comes, its end, and the certainty that it ends.
final class RunningProgram {
    let commandLine: String
    let pid: pid_t
    private let output: ProgramStream
    private let errorOutput: ProgramStream
    private var code: Int32?

    /// Starts a program with nothing on its standard input and its outputs in pipes.
    init(_ spawn: Spawn) throws {
        commandLine = ([spawn.path] + spawn.arguments).joined(separator: " ")
        let out = try Pipe()
        let err = try Pipe()
        pid = try spawn.start(output: out.write, errorOutput: err.write)
        close(out.write)
        close(err.write)
        output = ProgramStream(descriptor: out.read)
        errorOutput = ProgramStream(descriptor: err.read)
    }

    deinit {
        if code == nil {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        output.closeIfOpen()
        errorOutput.closeIfOpen()
    }

    /// Sends a signal to the program alone.
    func signal(_ number: Int32) {
        precondition(code == nil, "the process is reaped, its number may be another's")
        kill(pid, number)
    }

    /// Gives up the reading end of standard output, as `head` does when it has enough.
    func closeOutput() { output.closeIfOpen() }

    /// Waits for the next whole line on standard output; nil at its end.
    func nextLine(by deadline: Deadline = .generous) throws -> String? {
        try nextLine(of: output, by: deadline)
    }

    /// Waits for the next whole line on standard error; nil at its end.
    func nextErrorLine(by deadline: Deadline = .generous) throws -> String? {
        try nextLine(of: errorOutput, by: deadline)
    }

    /// Waits until the program has closed its outputs and ended.
    @discardableResult
    func finish(by deadline: Deadline = .generous) throws -> Finished {
        while output.isOpen || errorOutput.isOpen { try readSome(by: deadline) }
        return Finished(
            commandLine: commandLine, code: try waitForEnd(by: deadline), output: output.taken,
            errorOutput: errorOutput.taken)
    }

    /// Waits for the process alone: what it has started may keep its outputs open.
    @discardableResult
    func waitForEnd(by deadline: Deadline = .generous) throws -> Int32 {
        if let code { return code }
        try ProcessTable.waitForEnd(of: pid, by: deadline)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        self.code = code
        return code
    }

    /// What it has said up to now, without waiting for more.
    func saidSoFar() -> (outputCount: Int, errorText: String) {
        let now = Deadline(seconds: 0)
        for stream in [output, errorOutput] {
            while stream.isOpen, stream.isReadable(by: now) { stream.readOnce() }
        }
        return (output.taken.count, errorOutput.text)
    }

    private func nextLine(of stream: ProgramStream, by deadline: Deadline) throws -> String? {
        while true {
            if let line = stream.takeLine() { return line }
            guard stream.isOpen else { return nil }
            try readSome(by: deadline)
        }
    }

    /// Both pipes are read, whichever is asked for: a full one would stop the program.
    private func readSome(by deadline: Deadline) throws {
        let streams = [output, errorOutput].filter { $0.isOpen }
        var waiting = streams.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let ready = poll(&waiting, nfds_t(waiting.count), deadline.remainingMilliseconds)
        guard ready > 0 || !deadline.isOver else {
            throw EndToEndFailure(
                "no news in time from \(commandLine)\nstdout: \(output.text.suffix(2_000))"
                    + "\nstderr: \(errorOutput.text.suffix(2_000))")
        }
        for (stream, event) in zip(streams, waiting) where event.revents != 0 {
            stream.readOnce()
        }
    }
}
