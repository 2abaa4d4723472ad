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

    /// The last record about a job; nil when there is none, or it can never be read.
    ///
    /// - Throws: What there is too little of at the moment; it is worth asking again later.
    func endRecord(of id: JobID) throws(Errno) -> EndRecord? {
        do throws(Errno) {
            return try directory.endRecord(of: id)
        } catch let shortage where shortage.isShortage {
            throw shortage
        } catch {
            logger.error(
                "the verdict on a job cannot be read",
                metadata: ["job": "\(id)", "error": "\(error.name)"])
            return nil
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
    fileprivate var isShortage: Bool {
        [.tooManyFiles, .tooManyFilesInSystem, .noMemory].contains(self)
    }
}
