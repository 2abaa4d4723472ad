import JobsAPI

/// One `GetOutput` call from its beginning to its end.
struct OutputFollowing {
    let job: String
    let options: OutputOptions
    /// Whether the process is to exit as the job did.
    let mirrorsJob: Bool

    /// Streams until the end of the output, the end of our reader's patience, or ^C.
    func run(through caller: Caller, in session: Session) throws(Failure) -> ExitStatus {
        let receiver = OutputReceiver(session: session, addsTimes: options.timestamps)
        do {
            try caller.stream(.getOutput, options.request(for: job), to: receiver)
            try session.console.flush()
        } catch .interrupted {
            session.say(
                "left job \(job), which runs on; `cmdctl get-output \(job)` shows its output again, "
                    + "`cmdctl stop \(job)` ends it")
            return .interrupted
        }
        guard let ended = receiver.endedJob else { throw Self.endMissing }
        if options.verdict ?? session.console.talksToTerminal { session.say(ended.endSentence) }
        return mirrorsJob ? ExitStatus(mirroring: ended) : .success
    }

    private static let endMissing = Failure(
        reason: "OUTPUT_INCOMPLETE",
        "the server ended the stream without telling how the job ended",
        remedy: "Run the command again; --offset continues where this one stopped.")
}
