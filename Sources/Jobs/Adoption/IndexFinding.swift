import Reactor
import ShimProtocol

/// What an index says of a job that nobody of this process has started, or that has ended.
struct IndexFinding: Sendable, Equatable {
    /// Whether somebody holds its lock: then the shim lives, whatever else is true.
    var isLocked: Bool
    /// Whether it is long enough for a header, so that the shim has come to life at least.
    var hasHeader: Bool
    /// What the header says, if it can be read.
    var header: IndexHeader?
    /// The version of the index, if it is one that this server does not know.
    var unknownVersion: UInt16?
    /// When the command began to run, if it did.
    var startedAt: Timestamp?
    /// The last record.
    var last: IndexRecord?

    /// Whether the shim has come to its end, and not been killed before.
    var isFinal: Bool {
        switch last {
        case .end, .neverRan: true
        case .started, .run, .gap, nil: false
        }
    }

    /// What is there and cannot be read: somebody has run, and nobody knows what came of it.
    static let unreadable = IndexFinding(isLocked: false, hasHeader: true)
}

extension LogDirectory {
    /// Looks at the index of a job; nil when there is none.
    func look(at id: JobID) throws(Errno) -> IndexFinding? {
        let index: OwnedDescriptor
        do {
            index = try openIndex(of: id)
        } catch .noEntry {
            return nil
        }
        // The lock first: once it is free nobody can write, and what is read after that is final.
        let isLocked = try isLocked(index.raw)
        let reader = IndexReader(raw: index.raw, kernel: kernel)
        let header = try reader.header()
        return IndexFinding(
            isLocked: isLocked, hasHeader: try reader.hasHeader(), header: header,
            unknownVersion: try reader.unknownVersion(),
            startedAt: header == nil ? nil : try reader.startedAt(),
            last: try reader.lastRecord())
    }

    /// Whether the shim of a job holds the lock on its index at this moment.
    func isLocked(_ id: JobID) throws(Errno) -> Bool {
        let index = try openIndex(of: id)
        return try isLocked(index.raw)
    }

    /// A lock that is got is let go with the descriptor.
    private func isLocked(_ raw: Int32) throws(Errno) -> Bool {
        do {
            try kernel.lockExclusive(raw)
            return false
        } catch .again {
            return true
        }
    }
}

extension IndexReader {
    /// Whether the index is long enough for a header.
    fileprivate func hasHeader() throws(Errno) -> Bool {
        try kernel.status(of: raw).size >= UInt64(IndexHeader.size)
    }

    /// When the command began to run; nil when it did not yet, or never.
    fileprivate func startedAt() throws(Errno) -> Timestamp? {
        guard case .started(let time, _, _)? = try record(0) else { return nil }
        return Timestamp(nanoseconds: time)
    }
}

/// What is left of a job whose shim is gone; nobody can change it any more.
struct Remains: Sendable {
    /// What its index says; nil: it has none.
    var finding: IndexFinding?
    /// How far its output reached, if it has left no word about that.
    var outputSize: UInt64?

    /// Whether the shim has come to its end, and not been killed before.
    var isFinal: Bool { finding?.isFinal == true }
}

extension LogDirectory {
    /// Looks at what is left of a job; for a worker.
    ///
    /// - Throws: What there is too little of at the moment; it is worth asking again later.
    func remains(of id: JobID) throws(Errno) -> Remains {
        do throws(Errno) {
            return remains(of: id, try look(at: id))
        } catch let shortage where shortage.isShortage {
            throw shortage
        } catch {
            return remains(of: id, .unreadable)
        }
    }

    /// Puts to a finding what else there is to know.
    func remains(of id: JobID, _ finding: IndexFinding?) -> Remains {
        let isFinal = finding?.isFinal == true
        return Remains(
            finding: finding, outputSize: isFinal ? nil : try? lostOutputSize(of: id))
    }
}

extension JobEnd {
    /// How a job ended whose shim is gone.
    ///
    /// - Parameters:
    ///   - remains: What is left of it.
    ///   - job: The job, as far as it is known.
    ///   - absence: Why it never ran, if there is nothing that could tell; nil: that tells nothing.
    ///   - now: The time, for a job that has left no word about it.
    init(_ remains: Remains, of job: Job, absence: StartFailure?, now: Timestamp) {
        let finding = remains.finding
        switch finding?.last {
        case .end(let record)?:
            self.init(record, startedAt: finding?.startedAt)
        case .neverRan(let record)?:
            self.init(
                StartFailure(
                    record.stage, errorNumber: record.errorNumber, detail: record.detail,
                    specification: job.specification),
                at: Timestamp(nanoseconds: record.timeNanoseconds))
        case .started?, .run?, .gap?, nil:
            if let absence, finding?.hasHeader != true, !job.life.wasSeenRunning {
                self.init(absence, at: now)
            } else {
                self.init(
                    verdict: .lost, startedAt: finding?.startedAt, endedAt: now,
                    outputSize: remains.outputSize ?? job.outputSize)
            }
        }
    }

    private init(_ record: EndRecord, startedAt: Timestamp?) {
        self.init(
            verdict: JobVerdict(record), startedAt: startedAt,
            endedAt: Timestamp(nanoseconds: record.timeNanoseconds),
            usage: ResourceUsage(record), outputSize: record.outputSize,
            droppedBytes: record.droppedBytes, reachedLogLimit: record.killedByLogLimit)
    }

    private init(_ failure: StartFailure, at time: Timestamp) {
        self.init(verdict: .startFailed, startedAt: nil, endedAt: time, startFailure: failure)
    }
}

extension StartFailure {
    /// The server ended after it had accepted a job and before the job had a shim.
    static func serverEnded(_ specification: JobSpecification?) -> StartFailure {
        StartFailure(
            stage: .supervisor, error: nil,
            detail: "the server ended before the command was started",
            specification: specification)
    }

    /// The server was started anew while a job waited that was given something to read.
    static func forgottenInput(_ byteCount: Int) -> StartFailure {
        StartFailure(
            stage: .supervisor, errorNumber: 0, cause: .other,
            sentence: "The server was started anew while the job waited for others to end, and "
                + "what it was to read (\(byteCount) bytes) is kept nowhere but in the server's memory "
                + "until then. It never ran; run it again.")
    }

    /// The shim ended, or was ended, before it had come to life.
    static func silence(_ specification: JobSpecification?) -> StartFailure {
        StartFailure(
            stage: .supervisor, error: nil, detail: "it ended without a report, probably killed",
            specification: specification)
    }
}

extension ResourceUsage {
    /// What the last record of a job says.
    fileprivate init(_ record: EndRecord) {
        self.init(
            userCPUTime: .microseconds(Int64(clamping: record.userCPUMicroseconds)),
            systemCPUTime: .microseconds(Int64(clamping: record.systemCPUMicroseconds)),
            maxResidentBytes: record.maxResidentBytes,
            memoryPeakBytes: record.memoryPeakBytes)
    }
}
