import Logging
import Reactor
import ShimProtocol

/// What all jobs of one supervisor share: the loop, the files, the followed logs, the tidying.
final class JobHost {
    let reactor: Reactor
    let limits: JobLimits
    let logger: Logger
    let directory: LogDirectory
    let openLogs: OpenLogs
    let housekeeper: Housekeeper

    init(
        reactor: Reactor, limits: JobLimits, logger: Logger, directory: LogDirectory,
        openLogs: OpenLogs, housekeeper: Housekeeper
    ) {
        self.reactor = reactor
        self.limits = limits
        self.logger = logger
        self.directory = directory
        self.openLogs = openLogs
        self.housekeeper = housekeeper
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
