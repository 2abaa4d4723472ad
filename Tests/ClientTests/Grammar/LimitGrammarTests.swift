import JobsAPI
import SwiftProtobuf
import Testing

@testable import Client

/// Limits on the command line: human units become raw values, and slips are named.
@Suite struct LimitGrammarTests {
    @Test func `a job is asked for with its limits`() throws {
        let line = [
            "run", "--max-cpu", "150%", "--cpu-weight=50", "--max-mem", "1G", "--memory-high",
            "512M", "--max-swap", "0", "--max-pids", "100", "--cpuset", "0-3", "--max-read", "10M",
            "--max-read", "/dev/sda:5M", "--max-write-ops", "100", "--dry-run", "make", "--max-mem",
        ]
        let verb = try parsed(line, as: StartJob.self)
        #expect(verb.dryRun && verb.command == ["make", "--max-mem"])
        let limits = try verb.request(environment: [:]).spec.limits
        #expect(
            limits
                == .with {
                    $0.cpuMillis = 1500
                    $0.cpuWeight = 50
                    $0.memoryMaxBytes = 1 << 30
                    $0.memoryHighBytes = 512 << 20
                    $0.swapMaxBytes = 0
                    $0.pidsMax = 100
                    $0.cpus = "0-3"
                    $0.io = [
                        .with {
                            $0.readBytesPerSecond = 10 << 20
                            $0.writesPerSecond = 100
                        },
                        .with {
                            $0.device = "/dev/sda"
                            $0.readBytesPerSecond = 5 << 20
                        },
                    ]
                })
    }

    @Test func `a change names what it gives up by its option`() throws {
        let verb = try parsed(
            ["update", "--max-mem", "2G", "--clear", "max-cpu", "--clear", "max-read", "j"],
            as: UpdateJob.self)
        let request = verb.request(for: "j")
        #expect(request.limits.memoryMaxBytes == 2 << 30)
        #expect(request.clear == ["cpu_millis", "io.read_bytes_per_second"])
    }

    @Test(arguments: [
        (["run", "--max-mem", "1X", "ls"], "Write a number of bytes"),
        (["run", "--max-cpu", "much", "ls"], "Write a share of one processor"),
        (["run", "--max-memory", "1G", "ls"], "Did you mean '--max-mem'?"),
        (["update", "j"], "There is nothing to change."),
        (["update", "--clear", "max-cpus", "j"], "Did you mean max-cpu?"),
        (["top", "--interval", "1ms"], "at least 100ms"),
        (["pause"], "Missing expected argument"),
        (["sats"], "Did you mean 'stats'?"),
    ])
    func `slips are named`(line: [String], words: String) throws {
        let (text, _, status) = try answer(to: line)
        #expect(text.contains(words), "\(text)")
        #expect(status == .usage)
    }
}
