import ArgumentParser

/// `cmdctl` itself: the verbs, and the options that may stand before them.
struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cmdctl",
        abstract: "Run commands as jobs on a server, and watch what they write.",
        usage: "cmdctl [options] <command> [<arguments>]",
        discussion: """
            EXAMPLES:
              cmdctl run -- make -j4             start a job; prints its id
              cmdctl run --follow -- make test   start it, watch it, exit as it does
              cmdctl list                        your jobs, newest first
              cmdctl get-output build            what the job named build writes
              cmdctl stop --grace 30s 0192       by id, by the beginning of one, or by name

            Where the server is and who you are is said by --server, --cacert, --cert and --key, \
            by CMDCTL_SERVER, CMDCTL_CACERT, CMDCTL_CERT and CMDCTL_KEY, or by a context that \
            `cmdctl auth login` stored; the first of these that says it is believed.

            EXIT CODES: of the job where one is mirrored (128 + n for signal n); 64 usage; \
            124 timed out; 125 cmdctl or the server failed, or the job is lost; 126 not \
            executable; 127 not found; 130 left by ^C, the job runs on.
            """,
        version: Version.current,
        subcommands: [
            StartJob.self, GetJob.self, GetOutput.self, ListJobs.self, StopJob.self,
            SignalJob.self, UpdateJob.self, PauseJob.self, ResumeJob.self, ListJobStats.self,
            TopJobs.self, WaitJob.self, DeleteJob.self, Images.self, Auth.self,
            PKI.self, GetServerInfo.self, Doctor.self, ShutdownServer.self,
        ])

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions
}
