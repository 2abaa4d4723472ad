import Jobs
import Reactor
import Testing

/// What one follower has said so far; it reads on by itself.
final class FollowedOutput {
    private(set) var bytes: [UInt8] = []
    /// For each byte, whether it is standard error's.
    private(set) var tags: [Bool] = []
    private(set) var gaps: [LogGap] = []
    private var firstOffset: UInt64?
    private(set) var error: JobError?
    private(set) var endedJob: Job?
    private(set) var largestChunk = 0
    private(set) var mostRuns = 0
    private var nextOffset: UInt64?
    private let follower: LogFollower

    init(_ follower: LogFollower, firstOffset: UInt64? = nil) {
        self.follower = follower
        nextOffset = firstOffset
        follower.onNews = { [unowned self] in read() }
        read()
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var standardError: [UInt8] { zip(bytes, tags).filter(\.1).map(\.0) }

    /// What came, with a dot for each offset that is in a gap.
    var textWithGaps: String {
        var rest = bytes[...]
        var offset = firstOffset ?? 0
        var whole: [UInt8] = []
        for gap in gaps {
            whole += rest.prefix(Int(gap.offset - offset))
            rest = rest.dropFirst(Int(gap.offset - offset))
            whole += Array(repeating: UInt8(ascii: "."), count: Int(gap.length))
            offset = gap.offset + gap.length
        }
        return String(decoding: whole + rest, as: UTF8.self)
    }

    var hasEnded: Bool { endedJob != nil || error != nil }

    func close() { follower.close() }

    private func read() {
        while !hasEnded {
            switch follower.next() {
            case .chunk(let chunk): take(chunk)
            case .gap(let gap): take(gap)
            case .notYet: return
            case .end(let job): endedJob = job
            case .failed(let error): self.error = error
            }
        }
        follower.close()
    }

    private func take(_ chunk: LogChunk) {
        firstOffset = firstOffset ?? chunk.offset
        let content = chunk.bytes.bytes
        if let nextOffset { #expect(chunk.offset == nextOffset, "bytes come once and in order") }
        nextOffset = chunk.offset + UInt64(content.count)
        #expect(chunk.runs.reduce(0) { $0 + $1.length } == content.count, "runs cover exactly")
        #expect(chunk.runs.allSatisfy { $0.length > 0 })
        largestChunk = max(largestChunk, content.count)
        mostRuns = max(mostRuns, chunk.runs.count)
        bytes += content
        for run in chunk.runs {
            tags += Array(repeating: run.isStandardError, count: run.length)
        }
    }

    private func take(_ gap: LogGap) {
        firstOffset = firstOffset ?? gap.offset
        if let nextOffset { #expect(gap.offset == nextOffset) }
        nextOffset = gap.offset + gap.length
        gaps.append(gap)
    }
}
