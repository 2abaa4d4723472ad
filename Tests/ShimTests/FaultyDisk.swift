import Glibc
import ShimCore
import ShimProtocol
import Simulator

/// Two files on a disk that fills up, fails, and writes less than it is told to, as a seed has it.
final class FaultyDisk: ShimStorage {
    static let log: Int32 = 4
    static let index: Int32 = 5
    /// On other seeds the disk knows no fallocate(2), and then nothing can be promised.
    static func canReserve(seed: Int) -> Bool { !seed.isMultiple(of: 5) }

    private(set) var files: [Int32: [UInt8]] = [log: [], index: []]
    /// Whether it does as it is told, for once.
    var isWell = false
    /// How large each file may become, as RLIMIT_FSIZE has it.
    var fileSizeLimit: UInt64 = .max
    /// Whether only the first half of what goes over the header can be written.
    var tearsHeader = false
    /// How many bytes of output the log has taken so far.
    private(set) var bytesTaken = 0
    /// Called after each write to the log.
    var onLogWrite: (() -> Void)?
    /// Whether it knows fallocate(2)'s FALLOC_FL_PUNCH_HOLE.
    var canPunch = true
    /// How far each file has been given up.
    private(set) var punchedEnds: [Int32: UInt64] = [:]
    private var reservedEnds: [Int32: Int] = [:]
    private var random: SeededGenerator
    private let canReserve: Bool
    /// Whether it never fills up.
    var hasEndlessSpace = false {
        didSet { freeBytes = hasEndlessSpace ? .max / 2 : 20_000 }
    }
    private var freeBytes = 20_000
    private var time: Int64 = 0

    init(seed: Int) {
        random = SeededGenerator(seed: UInt64(seed))
        canReserve = Self.canReserve(seed: seed)
    }

    var wallClockNanoseconds: Int64 {
        time += Int64.random(in: 0...4_000_000, using: &random)
        return time
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64
    ) throws(SystemError) -> Int {
        if chance(20) { freeBytes = chance(2) ? 0 : 20_000 }
        if tearsHeader, descriptor == Self.index, offset < IndexHeader.size {
            return try tearHeader(bytes, at: Int(offset))
        }
        let count = chance(4) ? Int.random(in: 1...bytes.count, using: &random) : bytes.count
        let taken = try take(count, of: descriptor, at: Int(offset))
        files[descriptor, default: []].replace(at: Int(offset), with: bytes.prefix(taken))
        if descriptor == Self.log {
            bytesTaken += taken
            onLogWrite?()
        }
        return taken
    }

    private func tearHeader(
        _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        let half = IndexHeader.size / 2
        // The head stands in the middle.
        guard offset < half + 8 else { throw SystemError(number: EIO) }
        files[Self.index, default: []].replace(at: offset, with: bytes.prefix(half + 8 - offset))
        return half + 8 - offset
    }

    /// What was set aside is there, below the limit; anything else may fail.
    private func take(
        _ count: Int, of descriptor: Int32, at offset: Int
    ) throws(SystemError) -> Int {
        guard offset + count <= fileSizeLimit else { throw SystemError(number: EFBIG) }
        if offset + count <= reservedEnds[descriptor, default: 0] { return count }
        if chance(30) { throw SystemError(number: EIO) }
        guard freeBytes > 0 else { throw SystemError(number: ENOSPC) }
        let taken = min(count, freeBytes)
        freeBytes -= taken
        return taken
    }

    func reserve(_ count: Int, in descriptor: Int32, at offset: UInt64) throws(SystemError) {
        guard canReserve else { throw SystemError(number: EOPNOTSUPP) }
        guard freeBytes >= count else { throw SystemError(number: ENOSPC) }
        freeBytes -= count
        reservedEnds[descriptor] = Int(offset) + count
    }

    func punch(_ range: Range<UInt64>, of descriptor: Int32) throws(SystemError) {
        guard canPunch else { throw SystemError(number: EOPNOTSUPP) }
        if chance(30) { throw SystemError(number: EIO) }
        let end = min(Int(range.upperBound), files[descriptor, default: []].count)
        for place in Int(range.lowerBound)..<max(Int(range.lowerBound), end) {
            files[descriptor]?[place] = 0
        }
        punchedEnds[descriptor] = max(punchedEnds[descriptor, default: 0], range.upperBound)
    }

    func size(of descriptor: Int32) -> UInt64 { UInt64(files[descriptor, default: []].count) }

    /// Makes a file shorter as somebody else would.
    func truncate(_ descriptor: Int32, to count: Int) {
        files[descriptor] = files[descriptor].map { Array($0.prefix(count)) }
    }

    func synchronize(_ descriptor: Int32, withinNanoseconds patience: Int64) {}

    /// A writer; nil if even the beginning of the index found no space: then no job starts.
    func makeWriter(limit: ShimPlan.LogLimit? = nil) -> OutputWriter? {
        let header = IndexHeader(jobID: Array(1...16), head: 0, createdNanoseconds: 0)
        guard let index = try? IndexFile(storage: self, descriptor: Self.index, header: header)
        else { return nil }
        return OutputWriter(storage: self, log: Self.log, index: index, limit: limit)
    }

    /// All whole records; one that a failure tore is written again by the next.
    var records: [IndexRecord] {
        let bytes = files[Self.index, default: []].dropFirst(IndexHeader.size)
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: IndexRecord.size)
            .compactMap { IndexRecord(decoding: Array(bytes[$0...].prefix(IndexRecord.size))) }
    }

    private func chance(_ one: Int) -> Bool {
        !isWell && Int.random(in: 0..<one, using: &random) == 0
    }
}

extension JobEnd {
    static let specimen = JobEnd(
        verdict: Verdict(how: .exited(code: 0)),
        usage: ResourceUsage(
            userCPUMicroseconds: 0, systemCPUMicroseconds: 0, maxResidentBytes: 0),
        timeNanoseconds: 0, isLogSynchronized: true)
}

extension [UInt8] {
    fileprivate mutating func replace(at offset: Int, with bytes: Slice<UnsafeRawBufferPointer>) {
        let end = offset + bytes.count
        if count < end { append(contentsOf: repeatElement(0, count: end - count)) }
        replaceSubrange(offset..<end, with: bytes)
    }
}
