import Glibc
import Testing

/// What a job may take, from the command line to the answer, on whatever host this is.
@Suite(.timeLimit(.minutes(10)))
struct LimitTests {
    private static let limit = ["--max-mem", "64M", "--max-pids", "50"]

    @Test func `a limit holds, or is refused with the name of what is missing`() throws {
        let daemon = try Daemon()
        let finished = try daemon.start(["run"] + Self.limit + ["--", "true"]).finish()
        if finished.code == 0 {
            let wide = try daemon.cmdctl("get-status", finished.line, "-o", "wide")
            #expect(wide.text.contains("max-mem=64M max-pids=50"), "\(wide)")
        } else {
            #expect(finished.code == 125, "\(finished)")
            #expect(finished.errorText.contains("limits.memory_max_bytes (controller memory)"))
        }
    }

    @Test func `with best effort every job runs, and says what it does without`() throws {
        let daemon = try Daemon(configuration: "limits: best-effort\njob_limits: max-pids=40\n")
        let preview = try daemon.start(["run", "--dry-run"] + Self.limit + ["--", "true"]).finish()
        #expect(preview.code == 0 && !preview.text.contains("ID:"), "\(preview)")
        let memory = preview.text.contains("max-mem=64M")
        let processes = preview.text.contains("max-pids=40")
        #expect(memory != preview.text.contains("limits.memory_max_bytes is not enforced"))
        #expect(processes != preview.text.contains("limits.pids_max is not enforced"))
        #expect(daemon.jobIDs.isEmpty)
        let run = try daemon.start(["run"] + Self.limit + ["--", "true"]).finish()
        #expect(run.code == 0, "\(run)")
    }

    @Test func `what a daemon cannot enforce keeps it from starting`() throws {
        let nonsense = "total_limits: max-mem=lots\n"
        #expect(throws: (any Error).self) { try Daemon(configuration: nonsense) }
        let nowhere = "jobs_cgroup: /tmp/no-such-hierarchy/jobs\n"
        #expect(throws: (any Error).self) { try Daemon(configuration: nowhere) }
    }

    @Test func `stats and top show a live job`() throws {
        let daemon = try Daemon()
        let job = try daemon.run(["sleep", "1000"])
        #expect(try daemon.cmdctl("stats").text.contains(job))
        #expect(try daemon.cmdctl("top", "--interval", "100ms", job).text.contains(job))
        let json = try daemon.cmdctl("stats", "-o", "json", job)
        #expect(json.text.contains("\"sampleTime\""), "\(json)")
        let update = try daemon.cmdctl("update", "--clear", "max-mem", job)
        #expect(update.code == 0, "\(update)")
    }
}
