import JobsAPI
import SwiftProtobuf
import Testing

@testable import Client

/// What jobs take, in tables that can be compared by eye.
@Suite struct StatsRenderingTests {
    private static func stats(
        _ job: String, cpu: Int64, at seconds: Int64, read: UInt64 = 0
    ) -> Cmdctl_V1_JobStats {
        .with {
            $0.job = job
            $0.name = "build"
            $0.state = .running
            $0.sampleTime.seconds = seconds
            $0.userCpuTime.seconds = cpu
            $0.memoryBytes = 20 << 20
            $0.memoryPeakBytes = 30 << 20
            $0.pids = 3
            $0.readBytes = read
            $0.effectiveLimits.memoryMaxBytes = 1 << 30
        }
    }

    private let renderer = SampleJobs.renderer(.table)

    @Test func `what jobs have taken`() throws {
        let quiet = Cmdctl_V1_JobStats.with {
            $0.job = "b"
            $0.state = .paused
        }
        let response = Cmdctl_V1_ListJobStatsResponse.with {
            $0.stats = [Self.stats("a", cpu: 90, at: 1), quiet]
        }
        #expect(
            try renderer.stats(response) == """
                ID   NAME    STATE     CPU TIME   MEMORY   PEAK     PIDS
                a    build   running   1m30s      20 MiB   30 MiB   3
                b            paused    -          -        -        -

                """)
        let wide = try SampleJobs.renderer(.wide).stats(response)
        #expect(wide.contains("max-mem=1G"))
        let json = try SampleJobs.renderer(.json).stats(response)
        #expect(try Cmdctl_V1_ListJobStatsResponse(jsonString: json) == response)
    }

    @Test func `rates come from two looks, and the most comes first`() throws {
        let before = Cmdctl_V1_ListJobStatsResponse.with {
            $0.stats = [
                Self.stats("a", cpu: 10, at: 100), Self.stats("b", cpu: 10, at: 100, read: 1024),
            ]
        }
        let now = Cmdctl_V1_ListJobStatsResponse.with {
            $0.stats = [
                Self.stats("c", cpu: 50, at: 102), Self.stats("a", cpu: 11, at: 102),
                Self.stats("b", cpu: 13, at: 102, read: 5120),
            ]
        }
        #expect(
            try renderer.rates(now, since: before) == """
                ID   NAME    STATE     CPU    MEMORY   PIDS   READ/S   WRITTEN/S
                b    build   running   150%   20 MiB   3      2 KiB    0 B
                a    build   running   50%    20 MiB   3      0 B      0 B
                c    build   running   -      20 MiB   3      -        -

                """)
    }
}
