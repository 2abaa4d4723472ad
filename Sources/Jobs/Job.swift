package import Reactor

/// A command that ran, runs or will run: what was asked for, and all that is known of it.
///
/// One object for the whole life of a job. The supervisor writes it; everybody else reads.
package final class Job {
    /// Names the job, forever.
    package let id: JobID
    /// Whose job it is.
    package let owner: Tenant
    /// What was asked for.
    package let specification: JobSpecification
    /// When it was asked for.
    package let createdAt: Timestamp
    /// When its command began to run.
    package internal(set) var startedAt: Timestamp?
    /// When it had ended and its output was complete.
    package internal(set) var endedAt: Timestamp?
    /// Why it could not be started, if it could not.
    package internal(set) var startFailure: StartFailure?
    /// What it used, once it has ended.
    package internal(set) var usage: ResourceUsage?
    /// The offset at which its next byte of output will stand.
    package internal(set) var outputSize: UInt64 = 0
    /// How many bytes of its output could not be written.
    package internal(set) var droppedBytes: UInt64 = 0

    var life = JobLife()
    var stopSequence = StopSequence()

    init(id: JobID, owner: Tenant, specification: JobSpecification, createdAt: Timestamp) {
        self.id = id
        self.owner = owner
        self.specification = specification
        self.createdAt = createdAt
    }
}

extension Job {
    /// The name its owner gave it.
    package var name: String? { specification.name }

    /// Whether nothing of it runs any more and its output is complete.
    package var hasEnded: Bool { life.verdict != nil }

    /// How it ended; nil while it lives.
    package var outcome: JobOutcome? { life.verdict?.outcome }

    /// How its command ended; nil while it lives, and when it never ran.
    package var exitStatus: ExitStatus? { life.verdict?.exitStatus }

    /// Where it is in its life.
    package var state: JobState {
        if hasEnded { return .exited }
        if stopSequence.isRequested { return .stopping }
        return life.isStarting ? .starting : .running
    }

    /// A sentence for people, when there is more to say than the outcome does.
    package var statusMessage: String {
        var sentences: [String] = []
        if let startFailure { sentences.append(startFailure.sentence) }
        if outcome == .lost { sentences.append(Job.lostSentence) }
        if droppedBytes > 0 {
            sentences.append("\(droppedBytes) bytes of its output could not be written.")
        }
        return sentences.joined(separator: " ")
    }

    private static let lostSentence = """
        The process that supervised the job was killed, so nobody can know how the command ended.
        """
}
