import ArgumentParser
import Glibc
import JobsAPI

/// `cmdctl top`: which jobs take most, again and again.
struct TopJobs: Verb {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show which live jobs take most processor time, and again every few seconds.",
        usage: "cmdctl top [options] [<job> ...]",
        discussion: """
            EXAMPLES:
              cmdctl top                          until ^C
              cmdctl top --interval 10s build web
              cmdctl top | head                   one table, where nobody watches

            Rates are those between two looks; 100% is one processor.
            """)

    @OptionGroup(title: GlobalOptions.title) var globals: GlobalOptions

    @Option(
        help: ArgumentHelp("How long between two looks.", valueName: "duration"),
        transform: DurationText.init(parsing:))
    var interval = DurationText(.seconds(2))

    @Argument(help: .job)
    var jobs: [String] = []

    func validate() throws {
        guard interval.duration >= Limits.topIntervalMin else {
            throw ValidationError("--interval must be at least 100ms.")
        }
    }

    func perform(in session: Session) throws(Failure) -> ExitStatus {
        let caller = try session.connect()
        let isWatched = globals.output == nil && isatty(STDOUT_FILENO) == 1
        var before = try caller.stats(of: jobs)
        do throws(Failure) {
            repeat {
                try session.console.pause(for: interval.duration)
                let sample = try caller.stats(of: jobs)
                let text = try session.renderer.rates(sample, since: before)
                try session.print((isWatched ? Self.clearScreen : "") + text)
                before = sample
            } while isWatched
        } catch .interrupted {
            // That is how one leaves it.
            return .success
        }
        return .success
    }

    /// The cursor goes home, and what was there goes; ECMA-48, CUP and ED.
    private static let clearScreen = "\u{1B}[H\u{1B}[2J"
}
