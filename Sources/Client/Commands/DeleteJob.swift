import ArgumentParser
import JobsAPI

/// `cmdctl rm`: forgets ended jobs and their output.
struct DeleteJob: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Delete ended jobs: their records and their output.",
        usage: "cmdctl rm [options] <job> ...",
        discussion: """
            EXAMPLES:
              cmdctl rm build
              cmdctl rm $(cmdctl list -q --state exited)
            """,
        aliases: ["remove", "delete"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Argument(help: .job)
    var jobs: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        try JobBatch(jobs: jobs, session: session, isSilent: true)
            .run { caller, index throws(Failure) in
                var request = Cmdctl_V1_DeleteJobRequest()
                request.job = jobs[index]
                return try caller.begin(.deleteJob, request).map { _ in Cmdctl_V1_Job() }
            }
    }
}
