import JobsAPI
import Netlink
import Reactor
import SwiftProtobuf
import Testing

@testable import Jobs
@testable import Server

/// A job as it is written by hand, against the generated code.
@Suite struct JobWireTests {
    private static let verdicts =
        JobOutcome.allCases.map { JobVerdict(outcome: $0, exitStatus: .exited(code: 0)) }
        + [
            .lost, .startFailed, JobVerdict(outcome: .failed, exitStatus: .exited(code: -1)),
            JobVerdict(outcome: .killed, exitStatus: .signaled(number: 9)),
        ]

    private static func record(_ specification: JobSpecification?) -> JobRecord {
        JobRecord(
            id: JobID(high: 0x0190_ABCD_EF01_7FFF, low: 0x8000_0000_0000_00FF),
            owner: specification == nil ? nil : Tenant(name: "ä"), order: JobOrder(specification),
            createdAt: Timestamp(nanoseconds: 1_700_000_000_000_000_001))
    }

    private static func end(_ verdict: JobVerdict, _ index: Int) -> JobEnd {
        let stages = StartFailure.Stage.allCases
        return JobEnd(
            verdict: verdict, startedAt: index == 0 ? nil : Timestamp(nanoseconds: -1),
            endedAt: Timestamp(nanoseconds: .max),
            startFailure: StartFailure(
                stage: stages[index % stages.count], errorNumber: Int32(index) - 1,
                cause: StartFailure.Cause.allCases[0], sentence: "It does not start."),
            usage: index.isMultiple(of: 2)
                ? nil
                : ResourceUsage(
                    userCPUTime: .nanoseconds(index), systemCPUTime: .seconds(300),
                    maxResidentBytes: .max, memoryPeakBytes: 0),
            outputSize: UInt64(index) << 40, droppedBytes: UInt64(index),
            reachedLogLimit: index == 3)
    }

    /// Every specification, each with every limit and none.
    private static var jobs: [Job] {
        let specified = TranslationTests.specifications.flatMap { specification in
            var limited = record(specification)
            limited.order.limits = ResourceLimits(cpuMillis: 0, pidsMax: .max, cpus: "0-3")
            limited.order.ungranted = ["", String(repeating: "no ", count: 50)]
            limited.order.timeout = .milliseconds(1)
            limited.order.logLimit = LogLimit(maxBytes: 1 << 40, whenFull: .stopJob)
            limited.networkAddress = IPv4Address(number: .max)
            limited.queueing = .waiting
            return [record(specification), limited].map(Job.init)
        }
        let ended = verdicts.enumerated().map { index, verdict in
            var record = record(TranslationTests.specifications[0])
            record.end = end(verdict, index)
            return Job(record)
        }
        let queued = Job(record(nil))
        queued.queuePosition = 128
        return specified + ended + [queued]
    }

    @Test func `what is written by hand reads as what was meant`() throws {
        for job in Self.jobs {
            let expected = Cmdctl_V1_GetJobResponse.with { $0.job = .init(job) }
            let bytes = ProtobufWriter.answer(job)
            #expect(try Cmdctl_V1_GetJobResponse(serializedBytes: bytes) == expected)
            // Nor is anything said twice, or that could be left out.
            #expect(bytes.count == (try expected.serializedBytes() as [UInt8]).count)
        }
    }

    @Test(arguments: [0, 1, 127, 128, 300, 16_384])
    func `a message may be of any length`(length: Int) throws {
        let name = String(repeating: "x", count: length)
        var writer = ProtobufWriter(reserving: 0)
        writer.message(field: 1) { $0.text(name, field: 2) }
        let read = try Cmdctl_V1_GetJobResponse(serializedBytes: writer.bytes)
        #expect(read == .with { $0.job.name = name })
    }
}
