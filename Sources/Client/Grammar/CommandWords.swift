import ArgumentParser

/// The words of a command line, made unmistakable before they are parsed.
///
/// The parser looks for our options in all words up to a `--`, so it would take `--server` in
/// `cmdctl run ls --server` for ours. Verbs nobody knows are found here as well: the parser would
/// call them unexpected arguments.
enum CommandWords {
    /// The words as the parser is to see them.
    static func arranged(
        _ words: [String], for root: any ParsableCommand.Type = Root.self
    ) throws(Failure) -> [String] {
        var command = root
        var index = 0
        while let position = nextPlainWord(in: words, from: index, of: command) {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, words[position] != "help" else { break }
            command = try subcommand(words[position], of: command)
            index = position + 1
        }
        guard let preparsed = command as? any PreparsedCommand.Type else { return words }
        return words[..<index] + preparsed.arranged(Array(words[index...]))
    }

    /// Where the first word stands that is neither an option nor the value of one.
    static func nextPlainWord(
        in words: [String], from start: Int, of command: any ParsableCommand.Type
    ) -> Int? {
        let own = (command as? any PreparsedCommand.Type)?.optionsWithValue ?? []
        let withValue = GlobalOptions.optionsWithValue.union(own)
        var index = start
        while index < words.count, words[index] != "--" {
            guard words[index].hasPrefix("-"), words[index] != "-" else { return index }
            index += withValue.contains(words[index]) ? 2 : 1
        }
        return nil
    }

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
