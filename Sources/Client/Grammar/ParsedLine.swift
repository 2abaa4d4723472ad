import ArgumentParser

/// What a command line comes to: something to do, or something to tell.
enum ParsedLine {
    case verb(any Verb)
    case text(String, to: OutputStream, ExitStatus)

    /// Parses the words behind the program's name.
    init(_ words: [String]) {
        do {
            let arranged = try CommandWords.arranged(words)
            var command = try Root.parseAsRoot(arranged.words)
            if var start = command as? StartJob {
                start.command = arranged.jobCommand
                self = .verb(start)
                return
            }
            if let verb = command as? any Verb {
                self = .verb(verb)
                return
            }
            // A group without a verb, or `help`: they have nothing to do but to show their help.
            try command.run()
            self = .text("", to: .standardOutput, .success)
        } catch let failure as Failure {
            let text = Self.asksForJSON(words) ? failure.json : "cmdctl: \(failure)"
            self = .text(text + "\n", to: .standardError, failure.exitStatus)
        } catch {
            let code = Root.exitCode(for: error).rawValue
            guard code != 0 else {
                self = .text(Root.fullMessage(for: error) + "\n", to: .standardOutput, .success)
                return
            }
            let text =
                Self.asksForJSON(words)
                ? Failure.usage(Root.message(for: error), remedy: "").json
                : Self.inOurForm(Root.fullMessage(for: error))
            self = .text(text + "\n", to: .standardError, ExitStatus(code: code))
        }
    }

    /// All errors begin with the name of the program, also those that the parser finds.
    private static func inOurForm(_ message: String) -> String {
        let mark = "Error: "
        return message.hasPrefix(mark) ? "cmdctl: \(message.dropFirst(mark.count))" : message
    }

    /// Whether an answer in JSON was asked for, in words that are not understood otherwise.
    private static func asksForJSON(_ words: [String]) -> Bool {
        let ours = words.prefix { $0 != "--" }
        return ours.contains("--output=json")
            || zip(ours, ours.dropFirst()).contains { option, value in
                ["-o", "--output"].contains(option) && value == "json"
            }
    }
}
