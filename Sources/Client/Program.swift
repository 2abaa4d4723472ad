import Reactor

/// One run of cmdctl, from its words to its exit status.
struct Program {
    let console: Console
    let origin: Session.Origin

    func run(_ words: [String]) -> ExitStatus {
        switch ParsedLine(words) {
        case .verb(let verb): run(verb)
        case .text(let text, let stream, let status): tell(text, on: stream, status)
        }
    }

    private func run(_ verb: any Verb) -> ExitStatus {
        let session = Session(console: console, globals: verb.globals, origin: origin)
        do throws(Failure) {
            let status = try verb.perform(in: session)
            try console.flush()
            return status
        } catch {
            return end(with: error) { session.report(error) }
        }
    }

    private func tell(_ text: String, on stream: OutputStream, _ status: ExitStatus) -> ExitStatus {
        do throws(Failure) {
            console.write(text, to: stream)
            try console.flush()
            return status
        } catch {
            return end(with: error) { console.write("cmdctl: \(error)\n", to: .standardError) }
        }
    }

    /// Leaves with what `failure` exits with; says why, unless nobody needs to be told.
    private func end(with failure: Failure, saying say: () -> Void) -> ExitStatus {
        if failure != .interrupted, failure != .outputClosed { say() }
        console.drain()
        return failure.exitStatus
    }
}
