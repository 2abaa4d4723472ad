import Testing

@testable import Jobs

/// Limits as the kernel wants them written; the method is a table of texts.
@Suite struct ControlGroupFilesTests {
    @Test(arguments: [
        (ResourceLimits(), []),
        (ResourceLimits(cpuMillis: 500), ["cpu.max=50000 100000"]),
        (ResourceLimits(cpuMillis: 2000), ["cpu.max=200000 100000"]),
        // The least that the kernel takes is a thousandth of a second, whatever the period.
        (ResourceLimits(cpuMillis: 10), ["cpu.max=1000 100000"]),
        (ResourceLimits(cpuMillis: 1), ["cpu.max=1000 1000000"]),
        (ResourceLimits(cpuWeight: 7), ["cpu.weight=7"]),
        (
            ResourceLimits(memoryMax: 3, memoryHigh: 2, swapMax: 0),
            ["memory.swap.max=0", "memory.high=2", "memory.max=3"]
        ),
        (ResourceLimits(pidsMax: 5), ["pids.max=7"]),
        (ResourceLimits(cpus: "0-3,6"), ["cpuset.cpus=0-3,6"]),
        (
            ResourceLimits(io: [
                ResourceLimits.IOLimit(device: "8:0", readBytes: 1, writes: 4),
                ResourceLimits.IOLimit(device: "8:16", writeBytes: 2, reads: 3),
            ]),
            [
                "io.max=8:0 rbps=1 wbps=max riops=max wiops=4",
                "io.max=8:16 rbps=max wbps=2 riops=3 wiops=max",
            ]
        ),
    ])
    func `each limit is a line of a file`(limits: ResourceLimits, files: [String]) {
        #expect(limits.controlGroupFiles(beside: 2).map { "\($0.name)=\($0.text)" } == files)
    }

    @Test func `what is given up is reset, and what stays is written`() {
        let old = ResourceLimits(
            cpuMillis: 1, cpuWeight: 1, memoryMax: 1, memoryHigh: 1, swapMax: 1, pidsMax: 1,
            cpus: "0", io: [ResourceLimits.IOLimit(device: "8:0", reads: 1)])
        let files = ResourceLimits(memoryMax: 9).controlGroupFiles(replacing: old)
        #expect(
            files.map { "\($0.name)=\($0.text)" } == [
                "cpu.max=max 100000", "cpu.weight=100", "memory.swap.max=max", "memory.high=max",
                "memory.max=9", "pids.max=max", "cpuset.cpus=\n",
                "io.max=8:0 rbps=max wbps=max riops=max wiops=max",
            ])
    }
}
