import FoundationEssentials
import Jobs
import JobsAPI
import Reactor
import SwiftProtobuf
import Testing

@testable import Server

/// The one message that is written by hand, against SwiftProtobuf.
@Suite struct OutputMessagesTests {
    /// A message: what it says, and what is left to the payload.
    struct Sample {
        let offset: UInt64
        let data: [UInt8]
        let runs: [LogRun]
    }

    static let data = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    static func run(_ length: Int, _ isStandardError: Bool, _ nanoseconds: Int64) -> LogRun {
        LogRun(
            length: length, isStandardError: isStandardError,
            time: Timestamp(nanoseconds: nanoseconds))
    }

    static let samples: [Sample] = [
        Sample(offset: 0, data: [1], runs: [run(1, false, 1_700_000_000_123_456_789)]),
        Sample(offset: 1, data: [0, 0], runs: [run(2, true, 0)]),
        Sample(offset: .max, data: Array(data.prefix(127)), runs: [run(127, false, 999_999_999)]),
        Sample(offset: 1 << 63, data: Array(data.prefix(128)), runs: [run(128, true, 1)]),
        // Before the epoch: seconds are negative and take ten bytes.
        Sample(offset: 300, data: [9], runs: [run(1, false, -1)]),
        Sample(offset: 300, data: [9], runs: [run(1, false, .min)]),
        Sample(offset: 16_384, data: data, runs: [run(65_536, false, .max)]),
        Sample(
            offset: 16_383, data: data,
            runs: (0..<256).map { run(256, !$0.isMultiple(of: 2), Int64($0) * 1_000_000_000) }),
        Sample(offset: 5, data: [], runs: []),
    ]

    @Test(arguments: samples.indices)
    func `what is written by hand reads as what was meant`(index: Int) throws {
        let sample = Self.samples[index]
        let head = OutputMessages.head(
            offset: sample.offset, dataLength: sample.data.count, runs: sample.runs)
        let message = try Cmdctl_V1_GetOutputResponse(serializedBytes: head + sample.data)
        #expect(message == Self.expected(sample))
        #expect(message.unknownFields.data.isEmpty)
        #expect(head.count <= 24 + sample.runs.count * 30)
    }

    @Test func `it is no longer than what SwiftProtobuf writes`() throws {
        for sample in Self.samples where !sample.data.isEmpty {
            let head = OutputMessages.head(
                offset: sample.offset, dataLength: sample.data.count, runs: sample.runs)
            let bytes: [UInt8] = try Self.expected(sample).serializedBytes()
            #expect(head.count + sample.data.count == bytes.count)
        }
    }

    @Test func `a gap says where, how long and why`() {
        let gap = LogGap(offset: 7, length: 5, droppedBytes: 3, reason: .truncated)
        let message = OutputMessages.gap(gap)
        #expect(message.offset == 7 && message.gap.length == 5 && message.gap.droppedBytes == 3)
        let reasons: [(LogGap.Reason, Cmdctl_V1_GapReason)] = [
            (.truncated, .truncated), (.notWritten, .notWritten), (.fileDamaged, .fileDamaged),
        ]
        for (reason, expected) in reasons {
            let gap = LogGap(offset: 0, length: 0, reason: reason)
            #expect(OutputMessages.gap(gap).gap.reason == expected)
        }
    }

    private static func expected(_ sample: Sample) -> Cmdctl_V1_GetOutputResponse {
        .with {
            $0.offset = sample.offset
            $0.data = Data(sample.data)
            $0.runs = sample.runs.map { run in
                .with {
                    $0.length = UInt32(run.length)
                    $0.stream = run.isStandardError ? .stderr : .stdout
                    $0.time = .init(run.time)
                }
            }
        }
    }
}
