import ArgumentParser

/// The options every verb has, accepted before the verb and after it.
///
/// They are declared in the root command and in each verb: the root's parser takes them wherever
/// they stand, and the verbs are handed what it found; each verb's help shows them, too.
struct GlobalOptions: ParsableArguments {
    /// The heading they stand under in every verb's help.
    static let title = "Options of every command"

    @Option(help: ArgumentHelp("Where the server listens.", valueName: "host:port"))
    var server: String?

    @Option(
        help: ArgumentHelp("The authority that signed the server's certificate.", valueName: "file")
    )
    var cacert: String?

    @Option(help: ArgumentHelp("Your certificate.", valueName: "file"))
    var cert: String?

    @Option(
        help: ArgumentHelp("Your private key; only you may be able to read it.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("A stored context instead of the current one.", valueName: "name"))
    var context: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Form of the answer; table unless given.", valueName: "format"))
    var output: OutputFormat?

    /// Those that take the next word for their value.
    static let optionsWithValue: Set<String> = [
        "--server", "--cacert", "--cert", "--key", "--context", "--output", "-o",
    ]
}

/// The forms an answer can be printed in.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case table, wide, json, yaml, name
}
