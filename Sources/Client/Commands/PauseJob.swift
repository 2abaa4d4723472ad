import ArgumentParser
import JobsAPI

/// `cmdctl pause`: makes jobs stand still.
struct PauseJob: Verb {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Freeze all processes of jobs; returns when they stand still.",
        usage: "cmdctl pause [options] <job> ...",
        discussion: """
            EXAMPLES:
              cmdctl pause build                  it notices nothing, and keeps its memory
              cmdctl resume build                 goes on where it stood
              cmdctl stop build                   works on a paused job, too
            """,
        aliases: ["suspend"])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Argument(help: .job)
    var jobs: [String]

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        try JobBatch(jobs: jobs, session: session, isSilent: globals.output == nil)
            .run { caller, index throws(Failure) in
                var request = Cmdctl_V1_PauseJobRequest()
                request.job = jobs[index]
                return try caller.begin(.pauseJob, request).map(\.job)
            }
    }
}
