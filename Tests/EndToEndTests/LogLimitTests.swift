import Foundation
import Testing

/// Jobs that write more than they may, through the programs as users have them: what is kept, what
/// is told of the rest, and what the disk holds.
@Suite(.timeLimit(.minutes(10)))
struct LogLimitTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    /// 13,815,232 bytes of numbered lines.
    private static let lines = 1_865_792
    private static let size = 13_815_232

    @Test func `the newest output is kept, and the rest is told to be gone`() throws {
        let job = try daemon.run(
            ["seq", "1", "\(Self.lines)"], flags: ["--log-max", "1M", "--log-full", "keep"])
        #expect(try daemon.ending(of: job) == Ending("SUCCEEDED", code: 0))
        let finished = try daemon.cmdctl("get-output", job)
        #expect(finished.code == 0)
        let gone = try #require(Self.gone(finished.errorText), "\(finished.errorText)")
        #expect(gone.from == 0 && gone.count + finished.output.count == Self.size)
        #expect(finished.output.count <= 1 << 20 && finished.output.count > (1 << 20) * 15 / 16)
        #expect(Self.sequence.dropFirst(gone.count).elementsEqual(finished.output))
        #expect(try daemon.diskBytes(of: job) <= (1 << 20) + 4 * 4096)
        let details = try daemon.cmdctl("get-status", job)
        #expect(details.text.contains("1 MiB, the newest is kept"), "\(details)")
        #expect(try daemon.status(job).outputSize == "\(Self.size)")
    }

    @Test func `who begins at what is gone, or only looks, is told where the output begins`() throws
    {
        let job = try daemon.run(
            ["sh", "-c", "seq 1 \(Self.lines); exec sleep 4321"], flags: ["--log-max", "1M"])
        while try daemon.status(job).outputSize != "\(Self.size)" {}
        for flags in [["--no-follow"], ["--no-follow", "--offset", "1000"]] {
            let finished = try daemon.start(["get-output", job] + flags).finish()
            let gone = try #require(Self.gone(finished.errorText), "\(finished)")
            #expect(gone.from + gone.count + finished.output.count == Self.size)
            #expect(Self.sequence.suffix(finished.output.count).elementsEqual(finished.output))
        }
        #expect(try daemon.cmdctl("stop", job).code == 0)
    }

    @Test func `what has no room is dropped at the exact byte`() throws {
        let flags = ["--log-max", "200000", "--log-full", "drop"]
        let finished = try daemon.start(
            ["run", "--follow"] + flags + ["--", "seq", "1", "\(Self.lines)"]
        ).finish()
        #expect(finished.code == 0)
        let kept = finished.output.count
        #expect(Self.sequence.prefix(kept).elementsEqual(finished.output))
        #expect(finished.errorText.contains("bytes at offset \(kept) are missing"), "\(finished)")
        let job = try #require(try daemon.cmdctl("list", "-o", "name").lines.first)
        let taken = try daemon.fileBytes(of: job)
        #expect(taken <= 200_000 && taken > 200_000 - 2 * 64)
        let message = try daemon.status(job).statusMessage ?? ""
        #expect(message.contains("\(Self.size - kept) bytes of its output had no room"))
    }

    @Test func `a job that may not outlive its limit is killed, and says why`() throws {
        let job = try daemon.run(["yes"], flags: ["--log-max", "100K", "--log-full", "stop"])
        #expect(try daemon.ending(of: job) == Ending("KILLED", signal: 9))
        let message = try daemon.status(job).statusMessage ?? ""
        #expect(message.contains("its output reached the limit of 102400 bytes"), "\(message)")
        #expect(try daemon.fileBytes(of: job) <= 102_400)
        // It is on record, too.
        try daemon.restart(by: SIGKILL)
        #expect(try daemon.status(job).statusMessage == message)
    }

    @Test func `the server's limit is the default and the ceiling`() throws {
        let daemon = try Daemon(configuration: "log_max: 128K\nlog_full: drop\n")
        for flags in [[], ["--log-max", "1G"], ["--log-max", "70K"]] {
            let job = try daemon.run(["seq", "1", "100000"], flags: flags)
            #expect(try daemon.ending(of: job) == Ending("SUCCEEDED", code: 0))
            let limit = flags.last == "70K" ? 70 << 10 : 128 << 10
            let taken = try daemon.fileBytes(of: job)
            #expect(taken <= limit && taken > limit - 128, "\(flags)")
        }
        let refused = try daemon.cmdctl("run", "--log-max", "1K", "true")
        #expect(refused.code == 125 && refused.errorText.contains("log_limit"), "\(refused)")
    }

    /// Each line tells its number, so whatever comes can be held to its place.
    @Test func `followers of a job that outruns them get every byte or are told of the gap`() throws
    {
        let job = try daemon.run(
            ["seq", "1", "\(Self.lines)"], flags: ["--log-max", "256K", "--log-full", "keep"])
        let followers = try (0..<12).map { _ in try daemon.start(["get-output", job]) }
        for follower in followers {
            let finished = try follower.finish()
            #expect(finished.code == 0)
            let gaps = Self.allGone(finished.errorText)
            #expect(gaps.reduce(finished.output.count) { $0 + $1.count } == Self.size)
            #expect(Self.isSequence(finished.output, without: gaps))
        }
        #expect(try daemon.ending(of: job) == Ending("SUCCEEDED", code: 0))
    }

    // MARK: What is told

    private typealias Gone = (from: Int, count: Int)

    private static func gone(_ text: String) -> Gone? { allGone(text).first }

    private static func allGone(_ text: String) -> [Gone] {
        text.matches(of: #/(\d+) bytes from offset (\d+) on are missing/#).compactMap { match in
            guard let count = Int(match.output.1), let from = Int(match.output.2) else {
                return nil
            }
            return (from, count)
        }
    }

    private static let sequence: Data = {
        let numbers = Spawn(path: "/usr/bin/seq", arguments: ["1", "\(lines)"])
        return Data((try? RunningProgram(numbers).finish().output) ?? [])
    }()

    /// Whether the bytes are the numbered lines without those that are gone.
    private static func isSequence(_ bytes: [UInt8], without gaps: [Gone]) -> Bool {
        var rest = sequence
        for gap in gaps.reversed() { rest.removeSubrange(gap.from..<gap.from + gap.count) }
        return rest == Data(bytes)
    }
}

extension Daemon {
    /// What log and index of a job take of the disk.
    fileprivate func diskBytes(of job: String) throws -> Int {
        try statuses(of: job).reduce(0) { $0 + Int($1.st_blocks) * 512 }
    }

    /// The sizes of both.
    fileprivate func fileBytes(of job: String) throws -> Int {
        try statuses(of: job).reduce(0) { $0 + Int($1.st_size) }
    }

    private func statuses(of job: String) throws -> [stat] {
        try ["log", "idx"].map { suffix in
            var status = stat()
            guard lstat("\(stateDirectory)/logs/\(job).\(suffix)", &status) == 0 else {
                throw EndToEndFailure("\(job).\(suffix) is not there")
            }
            return status
        }
    }
}
