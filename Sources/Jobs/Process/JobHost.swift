import Logging
import Reactor

/// What all jobs of one supervisor share: the loop, the records, the files, the followed logs, the
/// tidying.
final class JobHost {
    let reactor: Reactor
    let limits: JobLimits
    let logger: Logger
    let records: any Records
    let directory: LogDirectory
    let openLogs: OpenLogs
    let housekeeper: Housekeeper
    /// Finds shims of earlier lives.
    let scout: Scout
    /// Which start of the machine this is, if that is known.
    let bootID: String?
    let facts: HostFacts
    /// Told of each step that was reached, on the loop or on a worker.
    let reached: @Sendable (StopPoint) -> Void

    init(
        reactor: Reactor, limits: JobLimits, logger: Logger, records: any Records,
        directory: LogDirectory, openLogs: OpenLogs, housekeeper: Housekeeper,
        facts: HostFacts, reached: @escaping @Sendable (StopPoint) -> Void
    ) {
        self.reactor = reactor
        self.limits = limits
        self.logger = logger
        self.records = records
        self.directory = directory
        self.openLogs = openLogs
        self.housekeeper = housekeeper
        scout = Scout(directory: directory, userID: facts.userID)
        bootID = facts.bootID
        self.facts = facts
        self.reached = reached
    }

    var kernel: any Kernel { reactor.kernel }

    /// The size of a job's log; nil when it cannot be told.
    func outputSize(of id: JobID) -> UInt64? {
        try? directory.outputSize(of: id)
    }
}

extension Errno {
    /// Whether it passes when others give back what they have.
    var isShortage: Bool {
        [.tooManyFiles, .tooManyFilesInSystem, .noMemory].contains(self)
    }
}
