/// Why a verb did not do what it was asked: what, why, and what to do about it.
struct Failure: Error, Equatable {
    /// Stable upper-case name; those of the server are listed in docs/ERRORS.md.
    let reason: String
    /// "what: why", without a full stop at its end.
    let sentence: String
    /// What to do: one sentence with a capital letter and a full stop, or empty.
    let remedy: String
    /// Facts by name, for programs that read the error.
    let facts: [String: String]
    let exitStatus: ExitStatus
    /// Set where nothing is wrong but that server and client do not reach each other now.
    let outage: Outage?

    /// What is known of a time in which the server cannot be reached.
    struct Outage: Equatable {
        /// How long to stay away, if the server said so.
        var retryDelay: Duration?
    }

    init(
        reason: String, _ sentence: String, remedy: String = "", facts: [String: String] = [:],
        exitStatus: ExitStatus = .ownFailure, outage: Outage? = nil
    ) {
        self.reason = reason
        self.sentence = sentence
        self.remedy = remedy
        self.facts = facts
        self.exitStatus = exitStatus
        self.outage = outage
    }
}

extension Failure {
    /// The command line makes no sense.
    static func usage(_ sentence: String, remedy: String) -> Failure {
        Failure(reason: "USAGE", sentence, remedy: remedy, exitStatus: .usage)
    }

    /// Something on this host could not be read, written or set up.
    static func local(_ sentence: String, remedy: String = "") -> Failure {
        Failure(reason: "LOCAL", sentence, remedy: remedy)
    }

    /// The user pressed ^C.
    static let interrupted = Failure(
        reason: "INTERRUPTED", "interrupted", exitStatus: .interrupted)

    /// The time the user gave is over.
    static let timeOver = Failure(
        reason: "DEADLINE_EXCEEDED", "there was no answer in time", exitStatus: .timedOut)

    /// Nobody reads our output any more: nothing to complain about.
    static let outputClosed = Failure(
        reason: "OUTPUT_CLOSED", "nobody reads the output", exitStatus: .success)
}

extension Failure {
    /// The same, with another remedy.
    func remedied(by remedy: String, facts: [String: String] = [:]) -> Failure {
        Failure(
            reason: reason, sentence, remedy: remedy,
            facts: self.facts.merging(facts) { $1 }, exitStatus: exitStatus, outage: outage)
    }
}

extension Failure: CustomStringConvertible {
    /// The sentence and the remedy, for a person.
    var description: String {
        let ended = sentence.hasSuffix(".") || sentence.hasSuffix("?")
        return remedy.isEmpty ? sentence : sentence + (ended ? " " : ". ") + remedy
    }
}

extension Failure {
    /// One line of JSON, for a program; its members only ever grow in number.
    var json: String {
        let facts = facts.sorted { $0.key < $1.key }
            .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
        let members = [
            "\"reason\":\(JSONText.quoted(reason))",
            "\"message\":\(JSONText.quoted(description))",
            "\"exitCode\":\(exitStatus.code)",
            "\"metadata\":{\(facts.joined(separator: ","))}",
        ]
        return "{\"error\":{\(members.joined(separator: ","))}}"
    }
}
