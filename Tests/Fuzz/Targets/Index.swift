import Logging
import Reactor
import ShimProtocol
import Simulator

@testable import Jobs

/// An index that may hold anything, and a log beside it, followed to the end.
///
/// The first byte chooses which checksums are made good, and whether the job has ended when the
/// follower comes. Whatever the index says, the follower delivers the bytes of the log at their
/// own offsets, in order, tells of the rest as gaps, and ends.
func fuzzIndex(_ input: [UInt8]) throws {
    var choices = Choices(input)
    let options = choices.byte()
    let start = UInt64(choices.byte())
    let log = (0..<Int(choices.byte()) * 40).map { UInt8(truncatingIfNeeded: $0 / 7) }
    var index = Array(choices.rest)
    for begin in stride(from: 0, to: index.count - 63, by: 64)
    where options & (begin == 0 ? 1 : 2) != 0 {
        index.replaceSubrange(
            begin..<begin + 64, with: withChecksum(Array(index[begin..<begin + 60])))
    }
    checkRecords(of: index)
    let desk = try ReadingDesk(index: index, log: log)
    if options & 4 != 0 { try desk.seal() }
    try desk.follow(from: min(start, UInt64(log.count)))
}

/// What is read of a record can be written, and is the same when read again.
private func checkRecords(of index: [UInt8]) {
    if let header = try? IndexHeader(decoding: index) {
        precondition((try? IndexHeader(decoding: header.encoded())) == header, "another header")
    }
    for begin in stride(from: 64, to: index.count - 63, by: 64) {
        let bytes = Array(index[begin..<begin + 64])
        guard let record = IndexRecord(decoding: bytes) else { continue }
        precondition(IndexRecord(decoding: record.encoded()) == record, "another record")
    }
}

/// One job whose files lie on a simulated machine.
private final class ReadingDesk {
    private let machine = SimulatedMachine(seed: 1)
    private let reactor: Reactor
    private let logs: OpenLogs
    private let job: Job
    private let log: [UInt8]
    private let directory: LogDirectory
    private let eventsMax: Int

    init(index: [UInt8], log: [UInt8]) throws {
        self.log = log
        // Each byte and each record makes for one event at most.
        eventsMax = log.count + index.count / 64 + 16
        reactor = machine.makeReactor()
        directory = try LogDirectory(path: "/logs", kernel: machine.kernel)
        let id = JobID(high: 0x0192_F3A4_5B6C_7000, low: 0x8000_0000_0000_0001)
        try machine.append(index, to: directory.indexPath(of: id))
        try machine.append(log, to: directory.logPath(of: id))
        let logger = Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() })
        logs = OpenLogs(
            directory: directory,
            watcher: LogWatcher(reactor: reactor, tick: .milliseconds(2), logger: logger))
        let specification = JobSpecification(command: .program("true", arguments: []))
        job = Job(
            JobRecord(
                id: id, owner: Tenant(name: "alice"), order: JobOrder(specification),
                createdAt: Timestamp(nanoseconds: 1)))
        job.startedAt = Timestamp(nanoseconds: 1)
        _ = job.life.startReported()
    }

    deinit {
        reactor.dismantle()
    }

    /// Nothing is written any more, and the verdict is what the last record says.
    func seal() throws {
        let end = JobEnd(
            try directory.remains(of: job.id), of: job, absence: nil,
            now: Timestamp(nanoseconds: 2))
        job.take(end)
        _ = job.life.shimEnded()
        _ = job.life.verdictRead(end.verdict)
        logs.seal(job.id)
    }

    func follow(from start: UInt64) throws {
        let follower = LogFollower(
            job: job, offset: start, end: nil, logs: logs, reactor: reactor, limits: JobLimits(),
            buffers: FollowerBuffers(limits: JobLimits()))
        let reader = CheckingReader(follower, log: log, start: start, eventsMax: eventsMax)
        follower.onNews = { [unowned reader] in reader.read() }
        reader.read()
        try machine.advance(by: .milliseconds(10))
        if !job.hasEnded {
            try seal()
            try machine.advance(by: .milliseconds(10))
        }
        precondition(reader.hasEnded, "a follower of a job that has ended does not end")
        follower.close()
        try machine.runUntilIdle()
        precondition(logs.count == 0, "a log stays open")
    }
}

/// Reads a follower to its end, and holds it to the log.
private final class CheckingReader {
    private(set) var hasEnded = false
    private let follower: LogFollower
    private let log: [UInt8]
    private var offset: UInt64
    private var eventsLeft: Int

    init(_ follower: LogFollower, log: [UInt8], start: UInt64, eventsMax: Int) {
        self.follower = follower
        self.log = log
        offset = start
        eventsLeft = eventsMax
    }

    func read() {
        while !hasEnded {
            precondition(eventsLeft > 0, "a follower goes round in circles")
            eventsLeft -= 1
            switch follower.next() {
            case .chunk(let chunk): take(chunk)
            case .gap(let gap):
                precondition(gap.offset == offset, "a gap elsewhere")
                offset += gap.length
            case .notYet:
                eventsLeft += 1
                return
            case .end, .failed: hasEnded = true
            }
        }
    }

    private func take(_ chunk: LogChunk) {
        let bytes = chunk.bytes.bytes
        precondition(chunk.offset == offset, "a chunk elsewhere")
        precondition(!bytes.isEmpty, "a chunk of nothing")
        precondition(
            chunk.runs.allSatisfy { $0.length > 0 }
                && chunk.runs.reduce(0) { $0 + $1.length } == bytes.count, "runs of other bytes")
        precondition(log[Int(offset)...].starts(with: bytes), "bytes that nobody wrote")
        offset += UInt64(bytes.count)
    }
}

var indexSeeds: [[UInt8]] {
    let header = IndexHeader(jobID: [UInt8](1...16), head: 0, createdNanoseconds: 1, shimPID: 7)
    let started = IndexRecord.started(timeNanoseconds: 1, shimPID: 7, leaderPID: 8)
    let run = { (offset: UInt64, stream: StreamTag) in
        IndexRecord.run(offset: offset, timeNanoseconds: 2, stream: stream)
    }
    let gap = IndexRecord.gap(
        offset: 20, timeNanoseconds: 3, droppedBytes: 5, reason: .noSpace)
    let end = EndRecord(
        how: .exited(code: 0), killedByShim: false, stopRequested: true, signalRequested: false,
        outputSize: 40, timeNanoseconds: 4, userCPUMicroseconds: 5, systemCPUMicroseconds: 6,
        maxResidentBytes: 7, droppedBytes: 5)
    let files: [[IndexRecord]] = [
        [], [started], [started, run(0, .stdout), run(9, .stderr), run(9, .stdout)],
        [started, run(0, .stdout), gap, gap, run(20, .stderr), .end(end)],
        [started, .end(end)],
    ]
    var trimmed = header
    trimmed.head = 30
    return files.flatMap { records in
        [header, trimmed].flatMap { header in
            [[3, 0, 1], [7, 10, 1], [4, 0, 2]].map { choices in
                choices + header.encoded() + records.flatMap { $0.encoded() }
            }
        }
    }
}
