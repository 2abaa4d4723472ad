import ArgumentParser

/// How long an outage of the server is borne, by the verbs that stay until something has ended.
struct ReconnectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to try to get back to a server that is gone; 0 gives up at once, 10m unless "
                + "given.", valueName: "duration"),
        transform: DurationText.init(parsing:))
    var reconnectTimeout = DurationText(Limits.reconnectTimeout)

    /// Those that take the next word for their value.
    static let optionsWithValue: Set<String> = ["--reconnect-timeout"]
}
