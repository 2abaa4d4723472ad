import Logging
import Reactor
import Testing

@testable import Server

/// The daemon's own log: lines that cannot be forged, and a loop that never waits for its reader.
@Suite struct ObservabilityTests {
    static let time = Timestamp(nanoseconds: 1_795_224_896_123_456_789)

    @Test func `a line is fields`() {
        let line = LogLine.format(
            time: Self.time, level: .notice, message: "listening",
            metadata: ["port": "9090", "address": "::1", "note": "two words"])
        #expect(
            line == "time=2026-11-21T01:34:56.123Z level=notice msg=listening"
                + " address=::1 note=\"two words\" port=9090")
    }

    @Test(arguments: [
        ("", "\"\""), ("a=b", "\"a=b\""), ("a\"b", "\"a\\\"b\""), ("a\\b", "\"a\\\\b\""),
        ("a\nlevel=info", "\"a\\nlevel=info\""), ("\u{1B}[31m", "\"\\u{1b}[31m\""),
        ("\u{202E}x", "\"\\u{202e}x\""), ("\u{2028}", "\"\\u{2028}\""), ("é", "\"é\""),
    ])
    func `nothing a client sends can begin a line or a field`(value: String, shown: String) {
        let line = LogLine.format(
            time: Self.time, level: .info, message: "m", metadata: ["key": "\(value)"])
        #expect(line.hasSuffix(" key=\(shown)"), "\(line)")
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_399, "2000-02-28T23:59:59.000Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"), (1_709_164_800, "2024-02-29T00:00:00.000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000Z"), (1_735_689_599, "2024-12-31T23:59:59.000Z"),
    ])
    func `a moment is written as RFC 3339 wants it`(seconds: Int64, text: String) {
        let time = Timestamp(nanoseconds: seconds * 1_000_000_000)
        #expect(UTCTime(time).description == text)
    }

    @Test func `a full pipe drops lines and says how many`() throws {
        let kernel = LinuxKernel()
        let pipe = try kernel.makePipe()
        let stream = DiagnosticStream(pipe.write.raw, kernel: kernel)
        let line = String(repeating: "x", count: 4000)
        for _ in 0..<100 { stream.write(line) }
        let written = try drain(pipe.read.raw, of: kernel).split(separator: "\n")
        #expect(written.count < 100 && written.allSatisfy { $0 == line })
        stream.write("after")
        let later = try drain(pipe.read.raw, of: kernel).split(separator: "\n")
        #expect(later.count == 2 && later.last == "after")
        #expect(later.first?.hasSuffix(" count=\(100 - written.count)") == true)
    }

    @Test func `a line that is too long is cut where a character ends`() throws {
        let kernel = LinuxKernel()
        let pipe = try kernel.makePipe()
        let stream = DiagnosticStream(pipe.write.raw, kernel: kernel)
        stream.write(String(repeating: "é", count: 4000))
        let written = try drain(pipe.read.raw, of: kernel)
        #expect(written == String(repeating: "é", count: 2047) + "\n")
    }

    @Test func `a handler merges its own metadata with the line's`() {
        let sink = CollectingSink()
        var logger = Logger(label: "test") { _ in LineLogHandler(sink: sink, level: .info) }
        logger[metadataKey: "job"] = "1"
        logger.info("one", metadata: ["job": "2", "tenant": "a"])
        logger.debug("two")
        #expect(sink.lines.map { $0.drop { $0 != " " } } == [" level=info msg=one job=2 tenant=a"])
    }

    @Test func `health is told to those who watch`() {
        let board = HealthBoard(services: ["a"])
        var news = 0
        let watcher = board.watch { news += 1 }
        #expect(board.all == ["": .serving, "a": .serving])
        #expect(board.status(of: "b") == .unknownService)
        board.startDraining()
        board.startDraining()
        #expect(news == 1)
        #expect(board.all == ["": .notServing, "a": .notServing])
        board.unwatch(watcher)
    }

    @Test func `one refusal a second is a line, the others are a number`() {
        var throttle = RefusalThrottle(interval: .seconds(1))
        let start = Instant(nanoseconds: 5)
        #expect(throttle.admit(at: start) == 0)
        #expect(throttle.admit(at: start) == nil)
        #expect(throttle.admit(at: start + .milliseconds(999)) == nil)
        #expect(throttle.admit(at: start + .seconds(1)) == 2)
        #expect(throttle.admit(at: start + .seconds(9)) == 0)
    }

    /// What is in a pipe now.
    private func drain(_ raw: Int32, of kernel: LinuxKernel) throws -> String {
        let reactor = try Reactor(choosing: .auto)
        let buffer = Buffer(capacity: 1 << 20)
        var isEmpty = false
        while !isEmpty {
            var outcome: Outcome?
            let token = reactor.submit(.readPipe(raw, into: buffer)) { outcome = $0 }
            reactor.atEndOfTurn { reactor.cancel(token) }
            while outcome == nil { try reactor.turn() }
            isEmpty = outcome == .failure(.canceled)
        }
        return String(decoding: buffer.bytes, as: UTF8.self)
    }
}
