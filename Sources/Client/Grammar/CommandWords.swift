import ArgumentParser

/// The words of a command line, made unmistakable before they are parsed.
///
/// The parser looks for our options in all words up to a `--`, so it would take `--server` in
/// `cmdctl run ls --server` for ours. Verbs nobody knows are found here as well: the parser would
/// call them unexpected arguments.
struct CommandWords: Equatable {
    /// What the parser is to see.
    var words: [String]
    /// The command line of the job, which the parser need not see: its time grows with the square of
    /// the number of words, and a job may have ten thousand.
    var jobCommand: [String] = []

    /// The words behind the program's name, arranged.
    static func arranged(
        _ words: [String], for root: any ParsableCommand.Type = Root.self
    ) throws(Failure) -> CommandWords {
        var command = root
        var start = 0
        var end = optionsEnd(in: words, from: start, of: command)
        while end < words.count, words[end] != "--" {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty else { break }
            guard words[end] != "help" else {
                try checkHelp(about: words[(end + 1)...], of: command)
                break
            }
            command = try subcommand(words[end], of: command)
            start = end + 1
            end = optionsEnd(in: words, from: start, of: command)
        }
        guard let preparsed = command as? any PreparsedCommand.Type else {
            return CommandWords(words: words)
        }
        var arranged = preparsed.arranged(Array(words[start...]))
        arranged.words = words[..<start] + arranged.words
        return arranged
    }

    /// Where the options end: at a word that is neither one nor the value of one, at a `--`, or with
    /// the words.
    static func optionsEnd(
        in words: [String], from start: Int, of command: any ParsableCommand.Type
    ) -> Int {
        let own = (command as? any PreparsedCommand.Type)?.optionsWithValue ?? []
        let withValue = GlobalOptions.optionsWithValue.union(own).union(parserOptionsWithValue)
        var index = start
        while index < words.count, words[index] != "--" {
            guard words[index].hasPrefix("-"), words[index] != "-" else { return index }
            index += withValue.contains(words[index]) ? 2 : 1
        }
        return min(index, words.count)
    }

    /// The parser shows its own help to those who ask about a command that is none.
    private static func checkHelp(
        about words: ArraySlice<String>, of command: any ParsableCommand.Type
    ) throws(Failure) {
        var command = command
        for word in words.prefix(while: { !$0.hasPrefix("-") }) {
            // What is behind a verb is no command, and not asked about.
            guard !command.configuration.subcommands.isEmpty else { return }
            command = try subcommand(word, of: command)
        }
    }

    /// What the parser understands by itself.
    private static let parserOptionsWithValue: Set<String> = ["--generate-completion-script"]

    private static func subcommand(
        _ word: String, of command: any ParsableCommand.Type
    ) throws(Failure) -> any ParsableCommand.Type {
        let known = command.configuration.subcommands
        if let match = known.first(where: { $0.names.contains(word) }) { return match }
        let nearest = Suggestion.nearest(to: word, among: known.flatMap { $0.names })
        let names = known.filter { $0.configuration.shouldDisplay }.map { $0.names[0] }
        throw .usage(
            "there is no command '\(word)'",
            remedy: nearest.map { "Did you mean '\($0)'?" }
                ?? "Choose one of \(names.joined(separator: ", ")).")
    }
}

extension ParsableCommand {
    /// Its name and its other names.
    static var names: [String] {
        let name = configuration.commandName ?? String(describing: Self.self).lowercased()
        return [name] + configuration.aliases
    }
}
