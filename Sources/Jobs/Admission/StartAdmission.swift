/// Decides whether one more job can be started now.
///
/// What is under way has bounds, and what is there comes before what is new: the descriptors that
/// stops, ends and followers may need are not given to starts.
struct StartAdmission {
    private let limits: JobLimits
    /// Starts that were accepted and have neither succeeded nor failed.
    private(set) var startCount = 0
    private var specificationBytes = 0

    init(limits: JobLimits) {
        self.limits = limits
    }

    /// What else of the supervisor's holds descriptors.
    struct Holdings {
        /// Jobs that have not ended, those that start among them.
        let liveJobs: Int
        /// Logs that are followed.
        let openLogs: Int
        /// Images that come in.
        var imports = 0
    }

    /// Refuses a start for which there is no room, and which may be tried again.
    func check(_ specification: JobSpecification, beside held: Holdings) throws(JobError) {
        let bytes = specificationBytes + specification.byteCount
        guard startCount < limits.startsAtOnce, bytes <= limits.specificationBytesAtOnce else {
            throw .tooManyStarts
        }
        let needed =
            descriptors(of: held, starts: startCount + 1) + limits.descriptorsPerLiveJob
        guard needed <= limits.descriptors - limits.descriptorsForFollowers else {
            throw .outOfDescriptors
        }
    }

    /// Refuses to open another log where the descriptors are needed for jobs.
    func checkLog(beside held: Holdings) throws(JobError) {
        let needed = descriptors(of: held, starts: startCount) + limits.descriptorsPerOpenLog
        guard needed <= limits.descriptors else { throw .outOfDescriptors }
    }

    /// Refuses to take in an image where the descriptors are needed for jobs.
    func checkImport(beside held: Holdings) throws(JobError) {
        let needed = descriptors(of: held, starts: startCount) + limits.descriptorsPerImport
        guard needed <= limits.descriptors - limits.descriptorsForFollowers else {
            throw .outOfDescriptors
        }
    }

    private func descriptors(of held: Holdings, starts: Int) -> Int {
        held.liveJobs * limits.descriptorsPerLiveJob + held.openLogs * limits.descriptorsPerOpenLog
            + held.imports * limits.descriptorsPerImport
            + min(starts, limits.launchesAtOnce) * limits.descriptorsPerLaunch
    }

    /// A start of such a specification was accepted.
    mutating func began(_ byteCount: Int) {
        startCount += 1
        specificationBytes += byteCount
    }

    /// It has succeeded or failed.
    mutating func ended(_ byteCount: Int) {
        precondition(startCount > 0, "more starts ended than began")
        startCount -= 1
        specificationBytes -= byteCount
    }
}

extension JobSpecification {
    /// About what it takes in memory: O(its number of texts).
    var byteCount: Int {
        let texts = [command.program, workingDirectory, name ?? ""] + command.arguments
        let pairs = [environment, labels].flatMap { $0.flatMap { [$0.key, $0.value] } }
        return (texts + pairs).reduce(standardInput.bytes.count) { $0 + $1.utf8.count }
    }
}
