import ShimCore
import Testing

/// What the kernel tells of a group's memory, as it writes it.
struct MemoryReportTests {
    @Test(arguments: [
        (
            "low 0\nhigh 0\nmax 12\noom 1\noom_kill 3\noom_group_kill 1\n", "67108864\n", 3,
            67_108_864
        ),
        ("low 0\nmax 0\noom 0\noom_kill 0\n", "", 0, 0),
        ("", "garbage", 0, 0),
    ])
    func `kills and the peak are read`(events: String, peak: String, kills: UInt64, bytes: UInt64) {
        let report = MemoryReport(events: events, peak: peak)
        #expect(report == MemoryReport(killCount: kills, peakBytes: bytes))
    }
}
