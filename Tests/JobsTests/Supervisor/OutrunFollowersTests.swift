import Glibc
import Jobs
import Reactor
import Simulator
import Testing

/// Two hundred followers of a job that outruns them, while its log gives up its oldest output all
/// the time: every byte that comes is the one that the job wrote at its offset, and what does not
/// come is in a gap.
///
/// The job writes the same eight megabytes of numbered lines again and again, so that the byte at
/// any offset is known. Now and then a follower leaves, and another goes on where it was.
@Suite(.timeLimit(.minutes(10))) struct OutrunFollowersTests {
    private static let rounds = 24

    @Test(arguments: [UInt64(256 << 10), 4 << 20])
    func `every byte comes at its offset, or is in a gap`(bytesMax: UInt64) throws {
        let bench = try Workbench()
        let source = "\(bench.directory)/source"
        let line = "seq -f %015.0f 1 524288 > \(source)"
        try #require(system(line) == 0)
        let bytes = try bench.reactor.kernel.contents(of: source, sizeMax: 16 << 20)
        try #require(bytes.count == 8 << 20)

        var specification = JobSpecification(
            command: .shell(
                "read line < gate; for i in $(seq \(Self.rounds)); do cat source; done"),
            workingDirectory: bench.directory,
            logLimit: LogLimit(maxBytes: bytesMax, whenFull: .keepNewest))
        specification.mergeOutput = true
        mkfifo("\(bench.directory)/gate", 0o600)
        let job = try bench.start(specification)
        let followers = (0..<200).map { OutrunFollower(of: job, on: bench, bytes, seed: $0) }
        try bench.openGate()
        try bench.turn { followers.allSatisfy(\.hasEnded) }

        let size = UInt64(Self.rounds * bytes.count)
        #expect(job.outputSize == size && job.droppedBytes == 0)
        for follower in followers {
            #expect(follower.problems == [])
            #expect(follower.received + follower.missing == size)
        }
        #expect(followers.contains { $0.missing > 0 })
        #expect(followers.contains { $0.comings > 1 })
    }
}

/// One who follows to the end, by as many followers as it takes.
private final class OutrunFollower {
    private(set) var received: UInt64 = 0
    private(set) var missing: UInt64 = 0
    private(set) var comings = 0
    private(set) var problems: [String] = []
    private(set) var hasEnded = false
    private let job: Job
    private unowned let bench: Workbench
    private let source: [UInt8]
    private var random: SeededGenerator
    private var follower: LogFollower?

    init(of job: Job, on bench: Workbench, _ source: [UInt8], seed: Int) {
        self.job = job
        self.bench = bench
        self.source = source
        random = SeededGenerator(seed: UInt64(seed))
        come()
    }

    private var offset: UInt64 { received + missing }

    private func come() {
        comings += 1
        do throws(JobError) {
            let follower = try bench.supervisor.follow(job, from: .offset(offset), untilEnd: true)
            self.follower = follower
            follower.onNews = { [unowned self] in read() }
        } catch {
            problems.append("\(error)")
            hasEnded = true
        }
        read()
    }

    private func read() {
        while let follower, !hasEnded {
            switch follower.next() {
            case .notYet: return
            case .chunk(let chunk): take(chunk, from: follower)
            case .gap(let gap): take(gap)
            case .failed(let error): problems.append("\(error)")
            case .end: hasEnded = true
            }
            if hasEnded || !problems.isEmpty {
                hasEnded = true
                return follower.close()
            }
            guard Int.random(in: 0..<40, using: &random) == 0 else { continue }
            follower.close()
            self.follower = nil
            return come()
        }
    }

    private func take(_ chunk: LogChunk, from follower: LogFollower) {
        if chunk.offset != offset { problems.append("\(chunk.offset) where \(offset) was due") }
        chunk.bytes.withBytes { check($0) }
        received += UInt64(chunk.bytes.count)
    }

    private func check(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        var place = Int(offset % UInt64(source.count))
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(
                rebasing: rest.prefix(source.count - place))
            let isSame = source.withUnsafeBytes { source in
                guard let start = source.baseAddress, let other = part.baseAddress else {
                    return false
                }
                return memcmp(start + place, other, part.count) == 0
            }
            if !isSame { problems.append("other bytes at \(offset)") }
            rest = rest.dropFirst(part.count)
            place = 0
        }
    }

    private func take(_ gap: LogGap) {
        if gap.offset != offset { problems.append("a gap at \(gap.offset), not \(offset)") }
        if gap.reason != .truncated || gap.length == 0 { problems.append("a gap: \(gap)") }
        missing += gap.length
    }
}
