import ArgumentParser
import JobsAPI

/// `cmdctl update`: changes what jobs that run may take.
struct UpdateJob: Verb {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change the limits of jobs that run.",
        usage: "cmdctl update [options] <job> ...",
        discussion: """
            EXAMPLES:
              cmdctl update --max-mem 2G build
              cmdctl update --max-cpu 200% --cpu-weight 50 build web
              cmdctl update --max-read /dev/sda:5M build     of one disk; others stay as they are
              cmdctl update --clear max-cpu build            as much as the server allows
              cmdctl update --clear max-read build           of every disk; writes stay limited

            What is not named stays as it is. A job that takes more memory than a new limit allows is
            made to give it back, and killed if it cannot.
            """,
        aliases: ["set"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @OptionGroup(title: "What the job may take") var limits: LimitOptions

    @Option(
        help: ArgumentHelp(
            "A limit to give up, by the name of its option. Repeatable.", valueName: "limit"),
        transform: UpdateJob.word)
    var clear: [LimitWord] = []

    @Argument(help: .job)
    var jobs: [String]

    func validate() throws {
        guard limits.message == .init(), clear.isEmpty else { return }
        throw ValidationError("There is nothing to change. Give a limit, as --max-mem 2G.")
    }

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        try JobBatch(jobs: jobs, session: session, isSilent: globals.output == nil)
            .run { caller, index throws(Failure) in
                try caller.begin(.updateJob, request(for: jobs[index])).map(\.job)
            }
    }

    /// The message that changes one job.
    func request(for job: String) -> Cmdctl_V1_UpdateJobRequest {
        var request = Cmdctl_V1_UpdateJobRequest()
        request.job = job
        request.limits = limits.message
        request.clear = Set(clear.map(\.field)).sorted()
        return request
    }

    /// A limit by the name of its option.
    static func word(_ name: String) throws(UsageProblem) -> LimitWord {
        if let word = LimitWord(rawValue: name) { return word }
        let names = LimitWord.allCases.map(\.rawValue)
        let hint = Suggestion.nearest(to: name, among: names).map { "Did you mean \($0)?" }
        throw UsageProblem(hint ?? "There is no such limit: \(names.joined(separator: ", ")).")
    }
}
