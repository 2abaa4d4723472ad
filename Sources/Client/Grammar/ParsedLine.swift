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
            self = .text("cmdctl: \(failure)\n", to: .standardError, failure.exitStatus)
        } catch {
            let code = Root.exitCode(for: error).rawValue
            let text = Root.fullMessage(for: error) + "\n"
            self = .text(
                text, to: code == 0 ? .standardOutput : .standardError, ExitStatus(code: code))
        }
    }
}
