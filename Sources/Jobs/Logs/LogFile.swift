import Reactor
import ShimProtocol

/// The open log and index of one job: one of each for all its followers.
final class LogFile {
    let jobID: JobID
    /// The path of the log, for people: by now it may lead elsewhere.
    let path: String
    /// The plain bytes.
    let log: OwnedDescriptor
    /// The records about them.
    let index: OwnedDescriptor

    private let kernel: any Kernel
    private var followers = Roster<LogFollower>()
    /// Whether the job has ended: its shim was the only one who writes to log and index.
    private var isSealed: Bool
    /// What was found once that was so, and does not change any more.
    private var sealedSize: UInt64?
    private var sealedKept: IndexReader.Kept?
    /// How often followers were told of a change.
    private(set) var changeCount: UInt64 = 0
    /// The look that began last, for the rest of the turn.
    private var latestLook: LogLook?
    /// How many have asked for it after the first.
    private var sharersOfLook = 0

    init(
        jobID: JobID, path: String, log: consuming OwnedDescriptor,
        index: consuming OwnedDescriptor, isSealed: Bool, kernel: any Kernel
    ) {
        self.jobID = jobID
        self.path = path
        self.log = log
        self.index = index
        self.isSealed = isSealed
        self.kernel = kernel
    }

    // MARK: Followers

    /// Whether anybody follows.
    var hasFollowers: Bool { !followers.isEmpty }

    func add(_ follower: LogFollower) {
        followers.insert(follower)
    }

    func remove(_ follower: LogFollower) {
        followers.remove(follower)
    }

    /// Tells every follower that the log may have changed.
    func wakeFollowers() {
        changeCount += 1
        for follower in followers.members { follower.logChanged() }
    }

    /// Tells every follower that nothing can change any more.
    func sealFollowers() {
        changeCount += 1
        isSealed = true
        for follower in followers.members { follower.logSealed() }
    }

    // MARK: Looks

    /// The look that answers this question, or will, if there is one: most who follow a log have
    /// read as far as each other, and are woken together.
    ///
    /// One that began before the last change was told is of no use to those who ask now, because
    /// nobody will tell them of that change again. And one that many have shared is old by the
    /// time they are served: the next ones get what was written since.
    func look(for question: LogLook.Question, sharersMax: Int) -> LogLook? {
        guard let sharedLook, sharedLook.question == question, sharersOfLook < sharersMax
        else { return nil }
        sharersOfLook += 1
        return sharedLook
    }

    /// The look that whoever asks the same may share.
    ///
    /// One that says only that it is worth looking again is not: it would say so again.
    var sharedLook: LogLook? {
        guard let latestLook, !latestLook.isGivenUp, latestLook.changeCount == changeCount
        else { return nil }
        if case .changed = latestLook.result { return nil }
        return latestLook
    }

    /// A look begins, which others may share until the turn is over: it holds what it has found.
    func lookBegins(_ look: LogLook, in reactor: Reactor) {
        if latestLook == nil { reactor.atEndOfTurn { [self] in latestLook = nil } }
        latestLook = look
        sharersOfLook = 0
    }

    // MARK: What is on the disk

    /// A path that leads to the very file that is open, whoever has moved, copied or removed what
    /// the log's own path led to: proc(5), /proc/self/fd.
    var openPath: String { "/proc/self/fd/\(log.raw)" }

    /// The size of the log at this moment.
    func logSize() throws(Errno) -> UInt64 {
        if let sealedSize { return sealedSize }
        let size = try kernel.status(of: log.raw).size
        if isSealed { sealedSize = size }
        return size
    }

    /// What is kept of it at this moment, or what is wrong with the header of its index.
    func kept() throws(Errno) -> Result<IndexReader.Kept, FormatError> {
        if let sealedKept { return .success(sealedKept) }
        let result = try indexReader.kept()
        if isSealed { sealedKept = try? result.get() }
        return result
    }

    /// What the index says at this moment.
    var indexReader: IndexReader { IndexReader(raw: index.raw, kernel: kernel) }

    // MARK: What is wrong with it

    /// The error of a reader that met this one.
    func failure(_ error: Errno) -> JobError {
        failure("\(error)")
    }

    /// The error of a reader that met this problem.
    func failure(_ problem: String) -> JobError {
        .storageUnavailable(path: path, problem: problem)
    }
}
