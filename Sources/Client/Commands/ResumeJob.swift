import ArgumentParser
import JobsAPI

/// `cmdctl resume`: lets paused jobs go on.
struct ResumeJob: Verb {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let paused jobs go on.",
        usage: "cmdctl resume [options] <job> ...",
        discussion: """
            EXAMPLES:
              cmdctl resume build
              cmdctl resume $(cmdctl list -q --state paused)
            """,
        aliases: ["unpause"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Argument(help: .job)
    var jobs: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        try JobBatch(jobs: jobs, session: session, isSilent: globals.output == nil)
            .run { caller, index throws(Failure) in
                var request = Cmdctl_V1_ResumeJobRequest()
                request.job = jobs[index]
                return try caller.begin(.resumeJob, request).map(\.job)
            }
    }
}
