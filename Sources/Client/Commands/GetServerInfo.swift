import ArgumentParser
import JobsAPI
import Reactor

/// `cmdctl version`: this program's version, and on request all about the server.
struct GetServerInfo: Verb, PreparsedCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version of cmdctl, and with --server all about the server.",
        usage: "cmdctl version [--server [<host:port>]] [options]",
        discussion: """
            EXAMPLES:
              cmdctl version
              cmdctl version --server    version, connection, and who it takes you for
            """)

    static let optionsWithValue: Set<String> = []

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Flag(name: .customLong("ask-server"), help: .hidden)
    var asksServer = false

    /// Behind the verb, `--server` asks for the server, and needs no address to do so.
    static func arranged(_ words: [String]) -> CommandWords {
        guard let position = words.firstIndex(where: { $0.hasPrefix("--server") }) else {
            return CommandWords(words: words)
        }
        let isBare = words[position] == "--server"
        let next = words.indices.contains(position + 1) ? words[position + 1] : "-"
        let others =
            isBare && next.hasPrefix("-")
            ? words[..<position] + words[(position + 1)...] : words[...]
        return CommandWords(words: others + ["--ask-server"])
    }

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        guard asksServer else {
            try session.print(try ownVersion)
            return .success
        }
        let response = try session.connect().answer(to: .getServerInfo, .init())
        let now = session.wallClockNow
        try session.print(
            try session.renderer.message(response) { ServerDetails(info: response, now: now).text })
        return .success
    }
}

extension GetServerInfo {
    private var ownVersion: String {
        get throws(Failure) {
            let json = "{\"version\":\(JSONText.quoted(Version.current))}"
            switch globals.output {
            case .json: return JSONText.indented(json) + "\n"
            case .yaml: return try YAMLText.of(json: json)
            case .table, .wide, .name, nil: return "cmdctl \(Version.current)\n"
            }
        }
    }
}

/// All about a server, a fact to a line.
struct ServerDetails {
    let info: Cmdctl_V1_GetServerInfoResponse
    let now: Timestamp

    var text: String {
        var table = TextTable()
        for (label, value) in facts where !value.isEmpty {
            table.append(["\(label):", value])
        }
        return table.text
    }

    private var facts: [(String, String)] {
        let role = "\(info.caller.role)"
        return [
            ("Client", Version.current),
            ("Server", info.version),
            ("API", info.apiVersions.joined(separator: ", ")),
            ("You", info.hasCaller ? "\(info.caller.tenant) (\(role))" : ""),
            ("Connection", "\(info.tlsProtocol) \(info.tlsCipherSuite)"),
            ("Kernel", info.kernelRelease),
            ("Backend", info.backend),
            ("Isolation", info.isolations.map { "\($0)" }.joined(separator: ", ")),
            ("Started", info.hasStartTime ? Timestamp(info.startTime).relative(to: now) : ""),
            ("Certificate ends", expiry),
        ]
    }

    private var expiry: String {
        guard info.hasCertificateExpireTime else { return "" }
        return Timestamp(info.certificateExpireTime).rfc3339Seconds
    }
}
