import Jobs
import Reactor
import Testing

/// What one follower has said so far; it reads on by itself.
final class FollowedOutput {
    private(set) var bytes: [UInt8] = []
    private(set) var standardError: [UInt8] = []
    private(set) var gaps: [LogGap] = []
    /// What came, with a dot for each offset that is in a gap.
    private(set) var textWithGaps = ""
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
        let content = chunk.buffer.bytes
        if let nextOffset { #expect(chunk.offset == nextOffset, "bytes come once and in order") }
        nextOffset = chunk.offset + UInt64(content.count)
        #expect(chunk.runs.reduce(0) { $0 + $1.length } == content.count, "runs cover exactly")
        #expect(chunk.runs.allSatisfy { $0.length > 0 })
        largestChunk = max(largestChunk, content.count)
        mostRuns = max(mostRuns, chunk.runs.count)
        bytes += content
        textWithGaps += String(decoding: content, as: UTF8.self)
        var rest = content[...]
        for run in chunk.runs {
            if run.isStandardError { standardError += rest.prefix(run.length) }
            rest = rest.dropFirst(run.length)
        }
        follower.release(chunk.buffer)
    }

    private func take(_ gap: LogGap) {
        if let nextOffset { #expect(gap.offset == nextOffset) }
        nextOffset = gap.offset + gap.length
        gaps.append(gap)
        textWithGaps += String(repeating: ".", count: Int(gap.length))
    }
}
