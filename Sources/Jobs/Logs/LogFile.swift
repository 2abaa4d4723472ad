import Reactor
import ShimProtocol

/// The open log and index of one job: one of each for all its followers.
final class LogFile {
    let jobID: JobID
    /// The path of the log, for watching it.
    let path: String
    /// The plain bytes.
    let log: OwnedDescriptor
    /// The records about them.
    let index: OwnedDescriptor

    private let kernel: any Kernel
    private var followers: [ObjectIdentifier: LogFollower] = [:]

    init(
        jobID: JobID, path: String, log: consuming OwnedDescriptor,
        index: consuming OwnedDescriptor, kernel: any Kernel
    ) {
        self.jobID = jobID
        self.path = path
        self.log = log
        self.index = index
        self.kernel = kernel
    }

    // MARK: Followers

    /// Whether anybody follows.
    var hasFollowers: Bool { !followers.isEmpty }

    func add(_ follower: LogFollower) {
        followers[ObjectIdentifier(follower)] = follower
    }

    func remove(_ follower: LogFollower) {
        followers[ObjectIdentifier(follower)] = nil
    }

    /// Tells every follower that the log may have changed.
    func wakeFollowers() {
        for follower in followers.values { follower.logChanged() }
    }

    /// Tells every follower that nothing can change any more.
    func sealFollowers() {
        for follower in followers.values { follower.logSealed() }
    }

    // MARK: What is on the disk

    /// The size of the log at this moment.
    func logSize() throws(Errno) -> UInt64 {
        try kernel.status(of: log.raw).size
    }

    /// How many whole records the index has at this moment.
    func recordCount() throws(Errno) -> UInt64 {
        let size = try kernel.status(of: index.raw).size
        let header = UInt64(IndexHeader.size)
        return size < header ? 0 : (size - header) / UInt64(IndexRecord.size)
    }

    /// The offset of the first byte that is kept, at this moment.
    ///
    /// Nil: the header is damaged. A file without a whole header belongs to a job that has not
    /// written anything.
    func head() throws(Errno) -> UInt64? {
        // A header that is just being rewritten may be seen half new; a second look sees it whole.
        for _ in 0..<2 {
            let bytes = try read(index.raw, at: 0, count: IndexHeader.size)
            guard bytes.count == IndexHeader.size else { return 0 }
            if let header = try? IndexHeader(decoding: bytes) { return header.head }
        }
        return nil
    }

    /// The last record, if it says how the job ended.
    func endRecord() throws(Errno) -> EndRecord? {
        let count = try recordCount()
        guard count > 0 else { return nil }
        let bytes = try read(
            index.raw, at: LogFile.position(ofRecord: count - 1), count: IndexRecord.size)
        guard case .end(let record)? = IndexRecord(decoding: bytes) else { return nil }
        return record
    }

    // MARK: What is wrong with it

    /// The error of a reader that met this one.
    func failure(_ error: Errno) -> JobError {
        failure("\(error)")
    }

    /// The error of a reader that met this problem.
    func failure(_ problem: String) -> JobError {
        .storageUnavailable(path: path, problem: problem)
    }

    /// Where in the index a record stands.
    static func position(ofRecord number: UInt64) -> UInt64 {
        UInt64(IndexHeader.size) + number * UInt64(IndexRecord.size)
    }

    private func read(
        _ raw: Int32, at offset: UInt64, count: Int
    ) throws(Errno) -> [UInt8] {
        let buffer = Buffer(capacity: count)
        let kernel = kernel
        let size = try buffer.withWritableBytes { bytes throws(Errno) in
            try kernel.readFileNow(raw, at: offset, into: bytes)
        }
        buffer.commit(size)
        return buffer.bytes
    }
}
