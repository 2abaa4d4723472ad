import Testing

@testable import Client

/// The verbs other than `run`; the method is a table of command lines.
@Suite struct VerbGrammarTests {
    @Test(arguments: [
        (["get-status", "j"], "GetJob"), (["status", "j"], "GetJob"), (["get", "j"], "GetJob"),
        (["get-output", "j"], "GetOutput"), (["output", "j"], "GetOutput"),
        (["logs", "j"], "GetOutput"), (["list"], "ListJobs"), (["ls"], "ListJobs"),
        (["ps"], "ListJobs"), (["stop", "j"], "StopJob"), (["kill", "j"], "SignalJob"),
        (["update", "--max-mem", "1G", "j"], "UpdateJob"), (["pause", "j"], "PauseJob"),
        (["suspend", "j"], "PauseJob"), (["resume", "j"], "ResumeJob"), (["stats"], "ListJobStats"),
        (["top"], "TopJobs"), (["wait", "j", "k"], "WaitJob"), (["rm", "j", "k"], "DeleteJob"),
        (["version"], "GetServerInfo"), (["doctor"], "Doctor"), (["shutdown"], "ShutdownServer"),
        (["auth", "login"], "Login"), (["auth", "logout"], "Logout"),
        (["auth", "use", "c"], "Use"),
        (["auth", "list"], "List"), (["auth", "ls"], "List"),
    ])
    func `every verb answers to its names`(line: [String], type: String) throws {
        guard case .verb(let verb) = ParsedLine(line) else {
            throw UnexpectedParse(text: "\(ParsedLine(line))")
        }
        #expect("\(Swift.type(of: verb))" == type)
    }

    @Test(arguments: [
        ["--server", "h:1", "-o", "json", "get-status", "j"],
        ["get-status", "--server", "h:1", "-o", "json", "j"],
        ["get-status", "j", "--server=h:1", "--output", "json"],
        ["--server", "h:1", "get-status", "j", "-o", "json"],
    ])
    func `global options stand before the verb and behind it`(line: [String]) throws {
        let verb = try parsed(line, as: GetJob.self)
        #expect(verb.globals.server == "h:1")
        #expect(verb.globals.output == .json)
        #expect(verb.job == "j")
    }

    @Test(arguments: [
        ["--server", "h:1", "run", "--key", "k", "ls"],
        ["run", "--server", "h:1", "--key", "k", "ls"],
        ["--server", "h:1", "--key", "k", "run", "--", "ls", "--server", "no"],
    ])
    func `global options of run end where the job begins`(line: [String]) throws {
        let verb = try parsed(line, as: StartJob.self)
        #expect(verb.globals.server == "h:1")
        #expect(verb.globals.key == "k")
    }

    @Test(arguments: [
        (["lst"], "there is no command 'lst'. Did you mean 'list'?"),
        (["frobnicate"], "Choose one of run, get-status"),
        (["auth", "lgin"], "Did you mean 'login'?"),
        (["--server", "h", "rnu", "ls"], "Did you mean 'run'?"),
        (["help", "rnu"], "there is no command 'rnu'. Did you mean 'run'?"),
        (["help", "pki", "isue"], "Did you mean 'issue'?"),
        (["pki", "help", "isue"], "Did you mean 'issue'?"),
        (["run", "--request-id", "nonsense", "ls"], "'nonsense' is no UUID"),
        (["list", "--sever", "x"], "Did you mean '--server'?"),
        (["get-status"], "Missing expected argument '<job>'"),
        (["get-status", "a", "b"], "Unexpected argument 'b'"),
        (["stop", "--grace", "10", "j"], "It has no unit"),
        (["kill", "-s", "KIL", "j"], "Did you mean KILL?"),
        (["list", "--state", "runing"], "'runing' is none of queued, starting, running"),
        (["list", "--outcome", "bad"], "'bad' is none of succeeded"),
        (["list", "--limit", "-1"], "--limit"),
        (["list", "-o", "xml"], "'xml' is invalid"),
        (["get-output", "--from-now", "--offset", "3", "j"], "both name a beginning"),
        (["get-output", "--from-now", "--no-follow", "j"], "would show nothing"),
        (["get-output", "--offset", "-3", "j"], "--offset"),
        (["auth", "login", "a:1", "--server", "b:1"], "are two addresses"),
    ])
    func `what makes no sense is a usage error with a sentence`(
        line: [String], sentence: String
    ) throws {
        let (text, stream, status) = try answer(to: line)
        #expect(text.contains(sentence), "\(text)")
        #expect(text.hasPrefix("cmdctl: "), "\(text)")
        #expect(stream == .standardError)
        #expect(status == .usage)
    }

    @Test(arguments: [
        (["-o", "json", "lst"], "there is no command 'lst'. Did you mean 'list'?"),
        (["get-status", "--output", "json"], "Missing expected argument '<job>'"),
        (["list", "--output=json", "--sever", "x"], "Unknown option '--sever'"),
    ])
    func `who asked for JSON is told in JSON`(line: [String], sentence: String) throws {
        let (text, stream, status) = try answer(to: line)
        #expect(text.hasPrefix(#"{"error":{"reason":"USAGE","message":""#), "\(text)")
        #expect(text.contains(sentence), "\(text)")
        #expect(text.dropLast().allSatisfy { !$0.isNewline } && text.hasSuffix("\n"), "\(text)")
        #expect(stream == .standardError)
        #expect(status == .usage)
    }

    @Test(arguments: [
        (["pki", "issue", "client", "--help"], "--role"),
        (["pki", "issue", "server", "--help"], "--host"),
        (["auth", "login", "--help"], "--offline"),
    ])
    func `a verb in a group has help of its own`(line: [String], option: String) throws {
        let (text, stream, status) = try answer(to: line)
        #expect(text.contains("  \(option)"), "\(text)")
        #expect(text.contains("EXAMPLES:"), "\(text)")
        #expect(stream == .standardOutput)
        #expect(status == .success)
    }

    @Test(arguments: [
        [], ["--help"], ["help"], ["auth"], ["pki"], ["help", "run"], ["--version"],
        ["help", "pki", "issue", "client"], ["--generate-completion-script", "bash"],
    ])
    func `help and version go to standard output`(line: [String]) throws {
        let (_, stream, status) = try answer(to: line)
        #expect(stream == .standardOutput)
        #expect(status == .success)
    }

    @Test(
        arguments: [
            (["version"], false, nil), (["version", "--server"], true, nil),
            (["version", "--server", "-o", "json"], true, nil),
            (["--server", "h:1", "version"], false, "h:1"),
            (["--server", "h:1", "version", "--server"], true, "h:1"),
            (["version", "--server", "h:1"], true, "h:1"),
            (["version", "--server=h:1"], true, "h:1"),
        ] as [([String], Bool, String?)])
    func `version asks the server if told to`(
        line: [String], asksServer: Bool, server: String?
    ) throws {
        let verb = try parsed(line, as: GetServerInfo.self)
        #expect(verb.asksServer == asksServer)
        #expect(verb.globals.server == server)
    }
}
