import Logging
import Reactor
import ShimProtocol

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
    /// Told of each step that was reached, on the loop or on a worker.
    let reached: @Sendable (StopPoint) -> Void

    init(
        reactor: Reactor, limits: JobLimits, logger: Logger, records: any Records,
        directory: LogDirectory, openLogs: OpenLogs, housekeeper: Housekeeper,
        reached: @escaping @Sendable (StopPoint) -> Void
    ) {
        self.reactor = reactor
        self.limits = limits
        self.logger = logger
        self.records = records
        self.directory = directory
        self.openLogs = openLogs
        self.housekeeper = housekeeper
        self.reached = reached
    }

    var kernel: any Kernel { reactor.kernel }

    /// How a job ended whose shim is gone.
    ///
    /// - Throws: What there is too little of at the moment; it is worth asking again later.
    func end(of job: Job) throws(Errno) -> JobEnd {
        JobEnd(
            try finding(of: job.id), of: job,
            outputSize: lostOutputSize(of: job.id) ?? job.outputSize, now: kernel.wallClockNow)
    }

    private func finding(of id: JobID) throws(Errno) -> IndexFinding? {
        do throws(Errno) {
            return try directory.look(at: id)
        } catch let shortage where shortage.isShortage {
            throw shortage
        } catch {
            logger.error(
                "the verdict on a job cannot be read",
                metadata: ["job": "\(id)", "error": "\(error.name)"])
            return .unreadable
        }
    }

    /// How far the output of a job reached that is lost; nil when it cannot be told.
    func lostOutputSize(of id: JobID) -> UInt64? {
        try? directory.lostOutputSize(of: id)
    }

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
