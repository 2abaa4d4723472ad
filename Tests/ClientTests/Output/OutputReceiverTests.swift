import ArgumentParser
import JobsAPI
import SwiftProtobuf
import Testing

@testable import Client

/// What becomes of the messages of a stream: bytes on two pipes, a job, or an error.
@Suite(.timeLimit(.minutes(10))) struct OutputReceiverTests {
    let streams: TestConsole

    init() throws {
        streams = try TestConsole()
    }

    static func message(
        _ offset: UInt64, _ runs: [(String, Cmdctl_V1_OutputStream)]
    ) throws -> [UInt8] {
        var message = Cmdctl_V1_GetOutputResponse()
        message.offset = offset
        for (text, stream) in runs {
            message.data.append(contentsOf: Array(text.utf8))
            message.runs.append(
                .with {
                    $0.length = UInt32(text.utf8.count)
                    $0.stream = stream
                    $0.time.seconds = 1
                })
        }
        return try message.serializedBytes()
    }

    func receiver(from start: UInt64 = 0, addsTimes: Bool = false) throws -> OutputReceiver {
        let session = Session(
            console: streams.console, globals: try GlobalOptions.parse([]),
            origin: .init(environment: [:], workingDirectory: "/"))
        return OutputReceiver(session: session, startingAt: start, addsTimes: addsTimes)
    }

    @Test func `each run goes to its stream, and the window opens when all are written`() throws {
        let receiver = try self.receiver(from: 10)
        var written = 0
        let bytes = try Self.message(10, [("out", .stdout), ("err", .stderr), ("put", .stdout)])
        try receiver.received(bytes) { written += 1 }
        #expect(written == 0)
        try streams.console.flush()
        #expect(written == 1)
        #expect(try streams.text(6, from: .standardOutput) == "output")
        #expect(try streams.text(3, from: .standardError) == "err")
    }

    @Test func `times stand before lines if asked for`() throws {
        let receiver = try self.receiver(addsTimes: true)
        try receiver.received(try Self.message(0, [("a\n", .stdout)])) {}
        try streams.console.flush()
        let expected = "1970-01-01T00:00:01.000000000Z a\n"
        #expect(try streams.text(expected.utf8.count, from: .standardOutput) == expected)
    }

    @Test func `a byte that is missing or comes twice is an error`() throws {
        for offset in [UInt64(3), 5] {
            let receiver = try self.receiver()
            try receiver.received(try Self.message(0, [("four", .stdout)])) {}
            receiver.resume()
            let failure = #expect(throws: Failure.self) {
                try receiver.received(try Self.message(offset, [("more", .stdout)])) {}
            }
            #expect(failure?.reason == "OUTPUT_DISORDERED")
        }
    }

    @Test func `a gap is said, and what follows it is in order`() throws {
        let receiver = try self.receiver()
        var gap = Cmdctl_V1_GetOutputResponse()
        gap.gap.length = 100
        gap.gap.reason = .truncated
        var opened = 0
        try receiver.received(try gap.serializedBytes()) { opened += 1 }
        #expect(opened == 0, "nobody can have read of it yet")
        try receiver.received(try Self.message(100, [("x", .stdout)])) {}
        try streams.console.flush()
        #expect(opened == 1)
        let sentence =
            "cmdctl: 100 bytes from offset 0 on are missing: only the newest output is "
        #expect(try streams.text(sentence.utf8.count, from: .standardError) == sentence)
    }

    @Test func `a gap without bytes of its own is said once, however often it comes`() throws {
        let receiver = try self.receiver()
        let gaps = try [UInt64(3), 5].map { count in
            try Cmdctl_V1_GetOutputResponse.with {
                $0.offset = 4
                $0.gap.droppedBytes = count
            }.serializedBytes() as [UInt8]
        }
        try receiver.received(try Self.message(0, [("four", .stdout)])) {}
        try receiver.received(gaps[0]) {}
        receiver.resume()
        var opened = 0
        for gap in gaps + gaps { try receiver.received(gap) { opened += 1 } }
        try receiver.received(try Self.message(4, [("x", .stdout)])) {}
        try streams.console.flush()
        #expect(opened == 4)
        let told = try streams.taken(from: .standardError).split(separator: "\n")
        #expect(told.count == 4, "once each, and as often as they were sent over one connection")
        #expect(told[0].hasPrefix("cmdctl: 3 bytes at offset 4 are missing"))
        #expect(told[1].hasPrefix("cmdctl: 5 bytes at offset 4 are missing"))
    }

    @Test func `a line that a cut went through is stamped once`() throws {
        let receiver = try self.receiver(addsTimes: true)
        try receiver.received(try Self.message(0, [("fo", .stdout)])) {}
        receiver.resume()
        try receiver.received(try Self.message(2, [("ur\n", .stdout)])) {}
        try streams.console.flush()
        #expect(try streams.taken(from: .standardOutput) == "1970-01-01T00:00:01.000000000Z four\n")
    }

    @Test func `the end tells about the job`() throws {
        let receiver = try self.receiver()
        var end = Cmdctl_V1_GetOutputResponse()
        end.end.job = SampleJobs.failed
        try receiver.received(try end.serializedBytes()) {}
        #expect(receiver.endedJob == SampleJobs.failed)
    }

    @Test func `what is no message is an error`() throws {
        let receiver = try self.receiver()
        let failure = #expect(throws: Failure.self) { try receiver.received([0xff]) {} }
        #expect(failure?.exitStatus == .ownFailure)
    }
}
