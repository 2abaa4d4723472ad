import ArgumentParser
import JobsAPI
import Reactor
import Transport

/// `cmdctl list`: jobs, newest first.
struct ListJobs: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs, newest first: your own, or as an admin everybody's.",
        usage: "cmdctl list [options]",
        discussion: """
            EXAMPLES:
              cmdctl list --state running
              cmdctl list --outcome failed --since 1h
              cmdctl list -l app=web -o wide
              cmdctl rm $(cmdctl list -q --state exited)
            """,
        aliases: ["ls", "ps"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "Only jobs in this state: queued, starting, running, paused, stopping, exited. "
                + "Repeatable, or separated by commas.", valueName: "state"),
        transform: JobWords.states)
    var state: [[Cmdctl_V1_JobState]] = []

    @Option(
        help: ArgumentHelp(
            "Only jobs that ended so: succeeded, failed, stopped, killed, timed-out, oom-killed, "
                + "lost, start-failed. Repeatable, or separated by commas.", valueName: "outcome"),
        transform: JobWords.outcomes)
    var outcome: [[Cmdctl_V1_JobOutcome]] = []

    @Option(help: ArgumentHelp("Only this owner's jobs.", valueName: "tenant"))
    var owner: String?

    @Option(help: ArgumentHelp("Only jobs of this name.", valueName: "name"))
    var name: String?

    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp("Only jobs with this label. Repeatable.", valueName: "key=value"),
        transform: KeyValue.label)
    var label: [KeyValue] = []

    @Option(
        name: [.customLong("since"), .customLong("created-after")],
        help: ArgumentHelp(
            "Only jobs created after: RFC 3339, or how long ago.", valueName: "time"),
        transform: TimePoint.init(parsing:))
    var createdAfter: TimePoint?

    @Option(
        name: [.customLong("until"), .customLong("created-before")],
        help: ArgumentHelp(
            "Only jobs created before: RFC 3339, or how long ago.", valueName: "time"),
        transform: TimePoint.init(parsing:))
    var createdBefore: TimePoint?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("At most so many jobs; 0 lists all.", valueName: "count"))
    var limit = Limits.listDefault

    @Flag(name: .shortAndLong, help: "Print only ids; the same as -o name.")
    var quiet = false

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit cannot be less than 0.") }
    }

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let jobsMax = limit == 0 ? Int.max : limit
        let found = try jobs(atLeast: jobsMax, in: session)
        var listed = Cmdctl_V1_ListJobsResponse()
        listed.jobs = Array(found.jobs.prefix(jobsMax))
        let renderer = quiet ? session.renderer(of: .name) : session.renderer
        try session.print(try renderer.jobs(listed, withOwners: try isAdmin(in: session)))
        if found.jobs.count > jobsMax || !found.nextPageToken.isEmpty {
            session.say("there are more than \(limit) such jobs; --limit 0 lists all")
        }
        return .success
    }

    /// Whether the caller is shown everybody's jobs: as the server, by the certificate.
    private func isAdmin(in session: Session) throws(Failure) -> Bool {
        let path = try session.settings(with: globals).certificate
        let found = try? CertificateDescription.inspect(path, kernel: session.kernel)
        return found?.first?.organizations.first == "admin"
    }

    /// Page after page until there are enough; all of one size, as the API wants it.
    private func jobs(
        atLeast count: Int, in session: Session
    ) throws(Failure) -> Cmdctl_V1_ListJobsResponse {
        let caller = try session.connect()
        var found = Cmdctl_V1_ListJobsResponse()
        var request = Cmdctl_V1_ListJobsRequest()
        request.filter = filter(at: session.wallClockNow)
        request.pageSize = Int32(min(count, Limits.listPage))
        repeat {
            request.pageToken = found.nextPageToken
            let page = try caller.answer(to: .listJobs, request)
            found.jobs += page.jobs
            found.nextPageToken = page.nextPageToken
        } while !found.nextPageToken.isEmpty && found.jobs.count < count
        return found
    }

    /// The message for what the options say, relative times taken from `now`.
    func filter(at now: Timestamp) -> Cmdctl_V1_JobFilter {
        var filter = Cmdctl_V1_JobFilter()
        filter.states = state.flatMap(\.self)
        filter.outcomes = outcome.flatMap(\.self)
        filter.owner = owner ?? ""
        filter.name = name ?? ""
        filter.labels = label.dictionary
        if let createdAfter { filter.createdAfter = createdAfter.resolved(at: now).message }
        if let createdBefore { filter.createdBefore = createdBefore.resolved(at: now).message }
        return filter
    }
}

/// States and outcomes as people write them, several of them separated by commas.
enum JobWords {
    static func states(_ text: String) throws(UsageProblem) -> [Cmdctl_V1_JobState] {
        try each(of: text, Cmdctl_V1_JobState.allCases.dropFirst().map(\.text)) { .init(text: $0) }
    }

    static func outcomes(_ text: String) throws(UsageProblem) -> [Cmdctl_V1_JobOutcome] {
        try each(of: text, Cmdctl_V1_JobOutcome.allCases.dropFirst().map(\.text)) {
            .init(text: $0)
        }
    }

    private static func each<Value>(
        of text: String, _ known: [String], _ read: (String) -> Value?
    ) throws(UsageProblem) -> [Value] {
        var values: [Value] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let lower = word.lowercased().replacing("_", with: "-")
            guard let value = read(lower) else {
                throw UsageProblem("'\(word)' is none of \(known.joined(separator: ", ")).")
            }
            values.append(value)
        }
        return values
    }
}
