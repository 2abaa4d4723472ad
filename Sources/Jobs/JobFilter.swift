package import Reactor

/// Which jobs to list: those for which every field that is set holds.
package struct JobFilter: Sendable {
    /// Any of these states; empty: any at all.
    package var states: Set<JobState>
    /// Any of these outcomes; empty: any, and none yet.
    package var outcomes: Set<JobOutcome>
    /// The name of the owner.
    package var owner: String?
    /// The job's own name.
    package var name: String?
    /// All of these labels.
    package var labels: [String: String]
    /// Made later than this.
    package var createdAfter: Timestamp?
    /// Made earlier than this.
    package var createdBefore: Timestamp?

    /// Makes a filter; without arguments it lets every job through.
    package init(
        states: Set<JobState> = [], outcomes: Set<JobOutcome> = [], owner: String? = nil,
        name: String? = nil, labels: [String: String] = [:], createdAfter: Timestamp? = nil,
        createdBefore: Timestamp? = nil
    ) {
        self.states = states
        self.outcomes = outcomes
        self.owner = owner
        self.name = name
        self.labels = labels
        self.createdAfter = createdAfter
        self.createdBefore = createdBefore
    }

    /// Whether the filter lets a job through.
    func matches(_ job: Job) -> Bool {
        matchesEnd(of: job) && matchesOrigin(of: job)
            && labels.allSatisfy { job.specification?.labels[$0.key] == $0.value }
    }

    private func matchesEnd(of job: Job) -> Bool {
        (states.isEmpty || states.contains(job.state))
            && (outcomes.isEmpty || job.outcome.map(outcomes.contains) == true)
    }

    private func matchesOrigin(of job: Job) -> Bool {
        // Owners are told apart by bytes; Swift would call canonically equivalent strings equal.
        owner.map { job.owner.nameBytes.elementsEqual($0.utf8) } != false
            && (name == nil || name == job.name)
            && createdAfter.map { job.createdAt > $0 } != false
            && createdBefore.map { job.createdAt < $0 } != false
    }
}
