import Testing

@testable import Jobs

/// What a job takes, as the files of a kernel 6.1 tell it.
@Suite struct ControlGroupUsageTests {
    @Test func `every file is read`() {
        let files = [
            "cpu.stat": """
            usage_usec 3500000
            user_usec 3000000
            system_usec 500000
            nr_periods 9
            nr_throttled 4
            throttled_usec 250000

            """,
            "io.stat": """
            8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0
            253:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0
            7:0

            """,
            "job/memory.current": "1048576\n", "job/memory.peak": "2097152\n",
            "job/memory.swap.current": "0\n", "job/pids.current": "3\n",
            "job/cpu.pressure": """
            some avg10=1.25 avg60=0.50 avg300=0.10 total=1
            full avg10=0.75 avg60=0.00 avg300=0.00 total=1

            """,
        ]
        let usage = ControlGroupUsage { files[$0] ?? "" }
        #expect(usage.userCPUTime == .seconds(3) && usage.systemCPUTime == .milliseconds(500))
        #expect(usage.throttledTime == .milliseconds(250))
        #expect(usage.memoryBytes == 1 << 20 && usage.memoryPeakBytes == 2 << 20)
        #expect(usage.swapBytes == 0 && usage.pids == 3 && usage.pidsPeak == 0)
        #expect(usage.readBytes == 4097 && usage.writtenBytes == 8194)
        #expect(usage.reads == 4 && usage.writes == 6)
        #expect(usage.cpuPressure == ControlGroupUsage.Pressure(some: 1.25, full: 0.75))
        #expect(usage.memoryPressure == ControlGroupUsage.Pressure())
    }

    @Test(arguments: ["", "garbage", "a b c\n=\n", "some avg10=x", "8:0 rbytes=-1 =3 x"])
    func `what is not there or not understood is 0`(text: String) {
        #expect(ControlGroupUsage { _ in text } == ControlGroupUsage())
    }
}
