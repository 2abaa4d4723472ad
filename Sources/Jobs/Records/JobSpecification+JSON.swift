import Reactor

/// A specification as it stands on record: one JSON object, in which what has its default is left
/// out. A member that a later version added is passed over.
extension JobSpecification {
    /// The text.
    var json: String {
        var writer = JSONWriter()
        writer.object { write(to: &$0) }
        return String(decoding: writer.text, as: UTF8.self)
    }

    private func write(to writer: inout JSONWriter) {
        switch command {
        case .program(let program, let arguments):
            writer.member("command") { $0.list([program] + arguments) }
        case .shell(let line):
            writer.member("shell") { $0.string(line) }
        }
        if let name { writer.member("name") { $0.string(name) } }
        if !environment.isEmpty { writer.member("environment") { $0.map(environment) } }
        writer.member("workingDirectory") { $0.string(workingDirectory) }
        if !labels.isEmpty { writer.member("labels") { $0.map(labels) } }
        if mergeOutput { writer.member("mergeOutput") { $0.truth(true) } }
        writer.member("isolation") { $0.string(isolation.rawValue) }
        writeBounds(to: &writer)
    }

    private func writeBounds(to writer: inout JSONWriter) {
        if let image { writer.member("image") { $0.string(image) } }
        if let user { writer.member("user") { $0.string(user) } }
        if let network { writer.member("network") { $0.string(network.rawValue) } }
        if limits != ResourceLimits() { writer.member("limits") { limits.write(to: &$0) } }
        writer.member("timeout", timeout.map { UInt64(clamping: $0.wholeNanoseconds) })
        if logLimit != LogLimit() { writer.member("logLimit") { logLimit.write(to: &$0) } }
        guard standardInput.byteCount > 0 else { return }
        writer.member("standardInput") { standardInput.write(to: &$0) }
    }

    /// Reads the text; nil when it describes no job.
    init?(json: String) {
        self.init(command: .shell(""))
        var command: Command?
        do throws(JSONReader.Malformed) {
            var reader = JSONReader(json)
            try reader.object { (reader, name) throws(JSONReader.Malformed) in
                switch name {
                case "command": command = try JobSpecification.command(reader.list())
                case "shell": command = .shell(try reader.string())
                default: try read(name, from: &reader)
                }
            }
            try reader.end()
        } catch {
            return nil
        }
        guard let command else { return nil }
        self.command = command
    }

    private mutating func read(
        _ name: String, from reader: inout JSONReader
    ) throws(JSONReader.Malformed) {
        switch name {
        case "name": self.name = try reader.string()
        case "environment": environment = try reader.map()
        case "workingDirectory": workingDirectory = try reader.string()
        case "labels": labels = try reader.map()
        case "mergeOutput": mergeOutput = try reader.truth()
        case "isolation":
            guard let known = Isolation(rawValue: try reader.string()) else {
                throw JSONReader.Malformed()
            }
            isolation = known
        default: try readBound(name, from: &reader)
        }
    }

    private mutating func readBound(
        _ name: String, from reader: inout JSONReader
    ) throws(JSONReader.Malformed) {
        switch name {
        case "image": image = try reader.string()
        case "user": user = try reader.string()
        case "network":
            guard let known = Network(rawValue: try reader.string()) else {
                throw JSONReader.Malformed()
            }
            network = known
        case "limits": limits = try ResourceLimits(from: &reader)
        case "timeout": timeout = .nanoseconds(try reader.number(Int64.self))
        case "logLimit": logLimit = try LogLimit(from: &reader)
        case "standardInput": standardInput = try StandardInput(from: &reader)
        default: try reader.skip()
        }
    }

    private static func command(_ words: [String]) throws(JSONReader.Malformed) -> Command {
        guard let program = words.first else { throw JSONReader.Malformed() }
        return .program(program, arguments: Array(words.dropFirst()))
    }
}
