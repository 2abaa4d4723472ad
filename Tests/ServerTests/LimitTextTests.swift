import JobsAPI
import Testing

@testable import Jobs
@testable import Server

/// Amounts as people write them, in options and configurations; the method is tables.
@Suite struct LimitTextTests {
    @Test(arguments: [
        ("0", 0), ("4096", 4096), ("1K", 1024), ("1k", 1024), ("64KiB", 65_536), ("10M", 10 << 20),
        ("10MB", 10 << 20), ("1G", 1 << 30), ("1.5G", 3 << 29), ("2T", 2 << 40), ("7B", 7),
        ("0.5K", 512), ("18446744073709551615", UInt64.max),
    ])
    func `bytes`(text: String, bytes: UInt64) throws {
        #expect(try LimitText.bytes(text) == bytes)
        #expect(try LimitText.bytes(LimitText.text(bytes: bytes)) == bytes)
    }

    @Test(arguments: [
        "", "K", "1X", "-1", "+1", "1e3", "1.", ".5", "1..5", "1 G", "20000000T", "0x10",
        "18446744073709551616", "1.0000001G", "GG", "1KK",
    ])
    func `what is no number of bytes`(text: String) {
        #expect(throws: LimitTextProblem.self) { try LimitText.bytes(text) }
    }

    @Test(arguments: [
        ("50%", 500), ("200%", 2000), ("1.5", 1500), ("2", 2000), ("0.5%", 5), ("0.001", 1),
        ("12.5%", 125),
    ])
    func `processor time`(text: String, millis: UInt32) throws {
        #expect(try LimitText.cpuMillis(text) == millis)
        #expect(try LimitText.cpuMillis(LimitText.text(cpuMillis: millis)) == millis)
    }

    @Test(arguments: ["", "%", "-1", "50 %", "500m", "99999999999"])
    func `what is no processor time`(text: String) {
        #expect(throws: LimitTextProblem.self) { try LimitText.cpuMillis(text) }
    }

    @Test func `what is limited is told in the words that ask for it`() throws {
        let words: [(LimitWord, String)] = [
            (.maxCPU, "150%"), (.cpuWeight, "50"), (.maxMemory, "1G"), (.memoryHigh, "512M"),
            (.maxSwap, "0"), (.maxPIDs, "100"), (.cpus, "0-3"), (.maxRead, "10M"),
            (.maxWrites, "7"), (.maxRead, "/dev/sda:5M"), (.maxWrite, "/dev/sda:6M"),
            (.maxReads, "8:0:8"),
        ]
        var limits = Cmdctl_V1_ResourceLimits()
        for (word, text) in words { try limits.set(word, to: text) }
        #expect(limits.io.map(\.device) == ["", "/dev/sda", "8:0"])
        #expect(limits.words.map { "\($0.0)=\($0.1)" } == words.map { "\($0.0)=\($0.1)" })
    }

    @Test func `a line of configuration`() throws {
        let list = LimitList("max-cpu=200%  max-mem=4G cpuset=0-2,5 max-read=10M max-read=8:0:5M")
        #expect(
            list?.limits
                == ResourceLimits(
                    cpuMillis: 2000, memoryMax: 4 << 30, cpus: "0-2,5",
                    io: [
                        ResourceLimits.IOLimit(device: "", readBytes: 10 << 20),
                        ResourceLimits.IOLimit(device: "8:0", readBytes: 5 << 20),
                    ]))
        #expect(LimitList("")?.limits == ResourceLimits())
    }

    @Test(arguments: [
        "max-mem", "max-memory=1G", "max-mem=1X", "max-mem=1G max-mem=2G", "max-mem=1G,max-cpu=1",
        "max-mem=5", "cpu-weight=0", "=",
    ])
    func `a line that means nothing is refused`(line: String) {
        #expect(LimitList(line) == nil)
    }
}
