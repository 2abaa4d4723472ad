import Logging
import Reactor
import ShimProtocol

/// What all jobs of one supervisor share: the loop, the files, the groups, the followed logs.
final class JobHost {
    let reactor: Reactor
    let limits: JobLimits
    let logger: Logger
    let directory: LogDirectory
    let openLogs: OpenLogs
    private let groups: ControlGroups?

    init(
        reactor: Reactor, limits: JobLimits, logger: Logger, directory: LogDirectory,
        openLogs: OpenLogs, groups: ControlGroups?
    ) {
        self.reactor = reactor
        self.limits = limits
        self.logger = logger
        self.directory = directory
        self.openLogs = openLogs
        self.groups = groups
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

    /// Removes the files of a job whose output nobody can want.
    func removeFiles(of id: JobID) {
        let directory = directory
        reactor.perform(on: .files) {
            Result { () throws(Errno) in try directory.remove(id) }
        } then: { [logger] result in
            guard case .failure(let error) = result else { return }
            logger.warning(
                "the files of a job cannot be removed",
                metadata: ["job": "\(id)", "error": "\(error.name)"])
        }
    }

    /// Removes the control group of a job, as soon as the last of it has left.
    func removeGroup(of id: JobID) {
        guard let groups else { return }
        removeGroup(of: id, groups, attemptsLeft: limits.groupRemovalAttempts)
    }

    private func removeGroup(of id: JobID, _ groups: ControlGroups, attemptsLeft: Int) {
        reactor.perform(on: .files) {
            groups.remove(for: id)
        } then: { [self] isGone in
            if isGone { return }
            guard attemptsLeft > 0 else {
                return logger.warning(
                    "the control group of a job cannot be removed", metadata: ["job": "\(id)"])
            }
            reactor.schedule(after: limits.groupRemovalInterval) { [self] in
                removeGroup(of: id, groups, attemptsLeft: attemptsLeft - 1)
            }
        }
    }
}

extension Errno {
    /// Whether it passes when others give back what they have.
    fileprivate var isShortage: Bool {
        [.tooManyFiles, .tooManyFilesInSystem, .noMemory].contains(self)
    }
}
