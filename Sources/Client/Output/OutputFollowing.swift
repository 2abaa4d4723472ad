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
                "left job \(job), which this does not stop; `cmdctl get-output \(job)` shows its "
                    + "output again, `cmdctl stop \(job)` ends it")
            return .interrupted
        } catch  where error.reason == Failure.connectionLost {
            throw resumable(error, at: receiver.nextOffset)
        }
        guard let ended = receiver.endedJob else { throw Self.endMissing }
        if options.verdict ?? session.console.talksToTerminal { session.say(ended.endSentence) }
        return mirrorsJob ? ExitStatus(mirroring: ended) : .success
    }

    /// The same failure, with the way to go on where it happened.
    private func resumable(_ failure: Failure, at offset: UInt64?) -> Failure {
        guard let offset else { return failure }
        return Failure(
            reason: failure.reason, failure.sentence,
            remedy: "`cmdctl get-output --offset \(offset) \(job)` goes on where this ended.",
            facts: ["offset": "\(offset)"], exitStatus: failure.exitStatus)
    }

    private static let endMissing = Failure(
        reason: "OUTPUT_INCOMPLETE",
        "the server ended the stream without telling how the job ended",
        remedy: "Run the command again; --offset continues where this one stopped.")
}
