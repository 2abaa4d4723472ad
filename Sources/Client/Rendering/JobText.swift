import JobsAPI
import SwiftProtobuf

/// What is said about a job in few words.
extension Cmdctl_V1_Job {
    /// `running`, `failed (7)`, `killed (SIGKILL)`.
    var statusText: String {
        guard state == .exited else {
            return queuePosition == 0 ? state.text : "\(state.text) (\(queuePosition))"
        }
        let ending = hasSignal ? "\(SignalName(number: signal))" : hasExitCode ? "\(exitCode)" : nil
        guard outcome != .succeeded, let ending else { return outcome.text }
        return "\(outcome.text) (\(ending))"
    }

    /// The command as one could type it.
    var commandText: String {
        switch spec.command.form {
        case .argv(let vector):
            ([vector.program] + vector.arguments).map(\.quoted).joined(separator: " ")
        case .shell(let line): line
        case nil: ""
        }
    }

    /// The limits it has in effect, as the options that would ask for them: `max-mem=1G`.
    var limitText: String {
        effectiveLimits.words.map { "\($0.0.rawValue)=\($0.1)" }.joined(separator: " ")
    }

    /// One sentence about how it ended, or that it has not.
    var endSentence: String {
        let subject = name.isEmpty ? "job \(id)" : "job \(name) (\(id))"
        let more = statusMessage.isEmpty ? "" : ": \(statusMessage)"
        guard state == .exited else { return "\(subject) is \(state.text)\(more)" }
        return "\(subject) has ended: \(statusText)\(more)"
    }
}

extension Cmdctl_V1_JobState {
    /// The word without its prefix, in lower case; a word of a newer server as its number.
    var text: String { enumText("\(self)", rawValue) }

    init?(text: String) {
        guard let match = Self.allCases.first(where: { $0.text == text && $0 != .unspecified })
        else { return nil }
        self = match
    }
}

extension Cmdctl_V1_JobOutcome {
    /// The word without its prefix, in lower case; a word of a newer server as its number.
    var text: String { enumText("\(self)", rawValue) }

    init?(text: String) {
        guard let match = Self.allCases.first(where: { $0.text == text && $0 != .unspecified })
        else { return nil }
        self = match
    }
}

/// `oomKilled` as `oom-killed`.
private func enumText(_ name: String, _ number: Int) -> String {
    guard !name.contains("(") else { return "unknown-\(number)" }
    return name.reduce(into: "") { text, character in
        text += character.isUppercase ? "-\(character.lowercased())" : String(character)
    }
}

extension String {
    /// In single quotes where a shell would see more than one plain word.
    var quoted: String {
        let plain =
            !isEmpty && allSatisfy { $0.isLetter || $0.isNumber || "-_./=:,@%+".contains($0) }
        return plain
            ? self
            : "'"
                + split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "'\\''") + "'"
    }
}
