import ArgumentParser

/// One verb of the command line: a parsed set of options that knows what to do with them.
protocol Verb: ParsableCommand {
    var globals: GlobalOptions { get }

    /// Does what was asked, and tells what the process should exit with.
    func perform(in session: Session) throws(Failure) -> ExitStatus
}

/// A command some of whose words have to be understood before the parser sees them.
protocol PreparsedCommand: ParsableCommand {
    /// Its own options that take the next word for their value.
    static var optionsWithValue: Set<String> { get }

    /// The words behind the command's name, made unmistakable for the parser.
    static func arranged(_ words: [String]) -> CommandWords
}

extension PreparsedCommand {
    static func arranged(_ words: [String]) -> CommandWords {
        CommandWords(words: words)
    }
}
