import Reactor

/// What one run of a verb has to work with.
final class Session {
    let console: Console
    let globals: GlobalOptions
    let origin: Origin

    /// Where and how cmdctl was started.
    struct Origin {
        let environment: [String: String]
        /// What relative paths are relative to.
        let workingDirectory: String
    }

    init(console: Console, globals: GlobalOptions, origin: Origin) {
        self.console = console
        self.globals = globals
        self.origin = origin
    }

    var reactor: Reactor { console.reactor }
    var kernel: any Kernel { reactor.kernel }
    var wallClockNow: Timestamp { kernel.wallClockNow }

    // MARK: Where to connect, and as whom

    /// From the global options, the environment and the stored contexts.
    func settings(with flags: GlobalOptions) throws(Failure) -> ConnectionSettings {
        try ConnectionSettings(flags: flags, environment: origin.environment) {
            () throws(Failure) in try contextStore().load()
        }
    }

    func contextStore() throws(Failure) -> ContextStore {
        try ContextStore(environment: origin.environment, kernel: kernel)
    }

    /// Connects as the global options, the environment or a context say.
    func connect() throws(Failure) -> Caller {
        try connect(with: try settings(with: globals))
    }

    func connect(with settings: ConnectionSettings) throws(Failure) -> Caller {
        try Caller(console: console, settings: settings)
    }

    /// Connects for work that outlasts a connection.
    func connectLastingly(_ options: ReconnectOptions) throws(Failure) -> LastingConnection {
        try LastingConnection(session: self, patience: options.reconnectTimeout.duration)
    }

    // MARK: What is said and shown

    /// Prints data, and returns when it is written.
    func print(_ text: String) throws(Failure) {
        console.write(text, to: .standardOutput)
        try console.flush()
    }

    /// Says something to the user, who may be a program that ignores it.
    func say(_ sentence: String, whenWritten: (() -> Void)? = nil) {
        let lines = sentence.split(separator: "\n").map { String($0).printable }
        let text = "cmdctl: \(lines.joined(separator: "\n  "))\n"
        console.write(text, to: .standardError, whenWritten: whenWritten)
    }

    /// Tells what went wrong, to a program as JSON if it asked for that.
    func report(_ failure: Failure) {
        switch globals.output {
        case .json: console.write(failure.json + "\n", to: .standardError)
        case .table, .wide, .yaml, .name, nil: say(failure.description)
        }
    }

    /// In the form that was asked for, or else a table.
    var renderer: Renderer { renderer(of: globals.output ?? .table) }

    func renderer(of format: OutputFormat) -> Renderer {
        Renderer(format: format, now: wallClockNow)
    }
}
