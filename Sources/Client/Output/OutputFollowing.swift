import JobsAPI
import SwiftProtobuf

/// The output of one job from a first byte to its end, over as many connections as that takes.
struct OutputFollowing {
    let jobID: String
    /// The first byte that is wanted; absolute, so that nothing written meanwhile can be missed.
    let start: UInt64
    let options: OutputOptions
    /// Whether the process is to exit as the job did.
    let mirrorsJob: Bool

    /// Streams until the end of the output, the end of our reader's patience, or ^C.
    func run(over connection: LastingConnection, in session: Session) throws(Failure) -> ExitStatus
    {
        let receiver = OutputReceiver(
            session: session, startingAt: start, addsTimes: options.timestamps)
        do {
            try connection.perform(
                resumption: { ", resuming at byte \(receiver.nextOffset)" }
            ) { caller throws(Failure) in
                try stream(through: caller, to: receiver, connection)
            }
            try session.console.flush()
        } catch .interrupted {
            session.say(
                "left job \(jobID), which this does not stop; `cmdctl get-output \(jobID)` shows "
                    + "its output again, `cmdctl stop \(jobID)` ends it")
            return .interrupted
        } catch  where error.outage != nil {
            throw resumable(error, at: receiver.nextOffset)
        }
        guard let ended = receiver.endedJob else { throw Self.endMissing }
        // An exit with 125 is a failure of ours, and is not to be silent.
        let isOwed = session.console.talksToTerminal || mirrorsJob && ended.outcome == .lost
        if options.verdict ?? isOwed { session.say(ended.endSentence) }
        return mirrorsJob ? ExitStatus(mirroring: ended) : .success
    }

    /// All that comes over one connection, from the first byte that has not come yet.
    private func stream(
        through caller: Caller, to receiver: OutputReceiver, _ connection: LastingConnection
    ) throws(Failure) {
        let first = receiver.nextOffset
        receiver.resume()
        defer { if receiver.nextOffset > first { connection.progressed() } }
        let request = Cmdctl_V1_GetOutputRequest.with {
            $0.job = jobID
            $0.offset = first
            $0.noFollow = !options.follow
        }
        try caller.stream(.getOutput, request, to: receiver)
    }

    /// The same failure, with the way to go on where it happened.
    private func resumable(_ failure: Failure, at offset: UInt64) -> Failure {
        failure.remedied(
            by: "`cmdctl get-output --offset \(offset) \(jobID)` goes on where this ended.",
            facts: ["offset": "\(offset)"])
    }

    private static let endMissing = Failure(
        reason: "OUTPUT_INCOMPLETE",
        "the server ended the stream without telling how the job ended",
        remedy: "Run the command again; --offset continues where this one stopped.")
}
