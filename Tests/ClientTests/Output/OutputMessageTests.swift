import JobsAPI
import Reactor
import Simulator
import SwiftProtobuf
import Testing

@testable import Client

/// The reader made by hand and SwiftProtobuf understand each other.
///
/// The goal is that no message is read differently; the method is random messages, whole, cut short
/// and with bytes changed, given to both.
@Suite struct OutputMessageTests {
    static func message(_ generator: inout SeededGenerator) -> Cmdctl_V1_GetOutputResponse {
        var message = Cmdctl_V1_GetOutputResponse()
        let bits = UInt64.random(in: 0...63, using: &generator)
        message.offset = UInt64.random(in: 0...UInt64.max >> bits, using: &generator)
        let count = Int.random(in: 0...300, using: &generator)
        message.data.append(
            contentsOf: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            var run = Cmdctl_V1_OutputRun()
            run.length = .random(in: 0...100, using: &generator)
            run.stream = Bool.random(using: &generator) ? .stderr : .stdout
            run.time.seconds = .random(in: -5_000_000_000...5_000_000_000, using: &generator)
            run.time.nanos = .random(in: 0..<1_000_000_000, using: &generator)
            message.runs.append(run)
        }
        if Int.random(in: 0...3, using: &generator) == 0 {
            message.gap.length = .random(in: 0...1000, using: &generator)
            message.gap.reason = .truncated
        }
        if Int.random(in: 0...3, using: &generator) == 0 {
            message.end.job.id = "job"
            message.end.job.exitCode = .random(in: 0...255, using: &generator)
        }
        return message
    }

    /// What both must agree on.
    static func expectSame(
        _ own: OutputMessage, _ bytes: [UInt8], _ theirs: Cmdctl_V1_GetOutputResponse
    ) {
        #expect(own.offset == theirs.offset)
        #expect(bytes[own.data].elementsEqual(theirs.data))
        #expect(own.runs.map(\.length) == theirs.runs.map { Int($0.length) })
        #expect(
            own.runs.map(\.stream)
                == theirs.runs.map { $0.stream == .stderr ? .standardError : .standardOutput })
        #expect(own.runs.map(\.time) == theirs.runs.map { Timestamp($0.time) })
        #expect(own.gap == (theirs.hasGap ? theirs.gap : nil))
        #expect(own.end == (theirs.hasEnd ? theirs.end : nil))
    }

    @Test func `random messages are read alike`() throws {
        var generator = SeededGenerator(seed: 2026)
        for _ in 0..<500 {
            let message = Self.message(&generator)
            let bytes: [UInt8] = try message.serializedBytes()
            Self.expectSame(try OutputMessage(bytes), bytes, message)
        }
    }

    @Test func `fields in another order and fields of a later version are no trouble`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var parts: [[UInt8]] = try (0..<3).map { _ in
                try Self.message(&generator).serializedBytes()
            }
            parts.insert([0xa0, 0x06, 0x05], at: 1)  // Field 100, a varint.
            parts.insert([0xaa, 0x06, 0x02, 1, 2], at: 0)  // Field 101, two bytes.
            parts.append([0xb5, 0x06, 1, 2, 3, 4])  // Field 102, four bytes.
            parts.append([0xb9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8])  // Field 103, eight bytes.
            let bytes = parts.flatMap(\.self)
            Self.expectSame(
                try OutputMessage(bytes), bytes,
                try Cmdctl_V1_GetOutputResponse(serializedBytes: bytes))
        }
    }

    @Test func `what is damaged is refused or read alike, and never crashes`() throws {
        var generator = SeededGenerator(seed: 99)
        for _ in 0..<2000 {
            var bytes: [UInt8] = try Self.message(&generator).serializedBytes()
            guard !bytes.isEmpty else { continue }
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
                in: 0...255, using: &generator)
            bytes.removeLast(Int.random(in: 0..<min(3, bytes.count), using: &generator))
            guard let own = try? OutputMessage(bytes),
                let theirs = try? Cmdctl_V1_GetOutputResponse(serializedBytes: bytes)
            else { continue }
            Self.expectSame(own, bytes, theirs)
        }
    }

    @Test func `runs are made to cover the data exactly`() throws {
        var message = Cmdctl_V1_GetOutputResponse()
        message.data.append(contentsOf: [1, 2, 3, 4, 5])
        #expect(try Self.covering(message) == [.init(length: 5, stream: .standardOutput)])
        message.runs = [
            .with {
                $0.length = 2; $0.stream = .stderr
            }
        ]
        #expect(
            try Self.covering(message) == [
                .init(length: 2, stream: .standardError), .init(length: 3, stream: .standardOutput),
            ])
        message.runs.append(
            .with {
                $0.length = 9; $0.stream = .stderr
            })
        #expect(
            try Self.covering(message) == [
                .init(length: 2, stream: .standardError), .init(length: 3, stream: .standardError),
            ])
    }

    @Test func `runs of one stream that follow each other are one write`() throws {
        var message = Cmdctl_V1_GetOutputResponse()
        message.data.append(contentsOf: [1, 2, 3, 4, 5])
        for (length, stream) in [(2, Cmdctl_V1_OutputStream.stdout), (1, .stdout), (2, .stderr)] {
            var run = Cmdctl_V1_OutputRun()
            run.length = UInt32(length)
            run.stream = stream
            message.runs.append(run)
        }
        let runs = try OutputMessage(try message.serializedBytes()).streamRuns
        #expect(runs.map(\.length) == [3, 2])
    }

    private static func covering(
        _ message: Cmdctl_V1_GetOutputResponse
    ) throws -> [OutputMessage.Run] {
        try OutputMessage(try message.serializedBytes()).coveringRuns
    }
}

extension OutputMessage.Run {
    fileprivate init(length: Int, stream: OutputStream) {
        self.init(length: length, stream: stream, time: Timestamp(nanoseconds: 0))
    }
}
