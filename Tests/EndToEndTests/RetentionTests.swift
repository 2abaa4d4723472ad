import Foundation
import Testing

/// What a server deletes by itself, as users see it: the oldest jobs that have ended, and never one
/// that runs.
@Suite(.timeLimit(.minutes(10)))
struct RetentionTests {
    @Test func `so many jobs that have ended are kept, and all that run`() throws {
        let daemon = try Daemon(configuration: "retain_jobs: \"3\"\n")
        let running = try daemon.run(["sleep", "4321"])
        var ended: [String] = []
        for number in 1...8 {
            let job = try daemon.runShell("echo \(number)")
            _ = try daemon.cmdctl("wait", job)
            ended.append(job)
        }
        let left = [running] + ended.suffix(3)
        try daemon.waitUntilLeft(left)
        #expect(try daemon.cmdctl("get-output", ended[7]).text == "8\n")
        let gone = try daemon.cmdctl("get-output", ended[0])
        #expect(gone.errorText.contains("No job"), "\(gone)")
        // Nor does a new life bring any of them back.
        try daemon.restart(by: SIGKILL)
        try daemon.waitUntilLeft(left)
    }

    @Test func `jobs that ended long ago go by themselves`() throws {
        let daemon = try Daemon(configuration: "retain_age: 2s\n")
        let running = try daemon.run(["sleep", "4321"])
        let job = try daemon.runShell("echo hi")
        _ = try daemon.cmdctl("wait", job)
        try daemon.waitUntilLeft([running])
    }

    @Test func `a lower bound takes effect when the server starts`() throws {
        let daemon = try Daemon(configuration: "retain_bytes: all\n")
        var jobs: [String] = []
        for _ in 1...4 {
            let job = try daemon.run(["head", "-c", "1000000", "/dev/zero"])
            _ = try daemon.cmdctl("wait", job)
            jobs.append(job)
        }
        try daemon.waitUntilLeft(jobs)
        try daemon.directory.write("retain_bytes: 2500K\n", to: "cmdctld.yaml")
        try daemon.restart(by: SIGTERM)
        try daemon.waitUntilLeft(jobs.suffix(2))
    }

    @Test func `jobs that run share what there is, and get their room back`() throws {
        let daemon = try Daemon(configuration: "logs_total_max: 4M\nretain_age: all\n")
        let jobs = try (0..<3).map { _ in
            try daemon.runShell("seq 1 400000; exec sleep 4321")
        }
        let small = try daemon.runShell("echo small; exec sleep 4321")
        let deadline = Deadline.generous
        while try jobs.contains(where: {
            try daemon.allocatedBytes(of: $0) > (4 << 20) / 3 + 16_384
        }) {
            guard !deadline.isOver else { throw EndToEndFailure("they do not share") }
            try daemon.letLive(milliseconds: 50)
        }
        #expect(try daemon.cmdctl("get-output", "--no-follow", small).text == "small\n")
        for job in jobs {
            let finished = try daemon.cmdctl("get-output", "--no-follow", job)
            #expect(finished.text.hasSuffix("399999\n400000\n"))
            #expect(finished.errorText.contains("only the newest output is kept"))
            #expect(finished.output.count > 1 << 20)
        }
    }

    @Test func `output of all jobs together is bounded, those that run included`() throws {
        let daemon = try Daemon(configuration: "logs_total_max: 3M\n")
        let running = try daemon.runShell("head -c 2000000 /dev/zero; exec sleep 4321")
        let job = try daemon.run(["head", "-c", "1500000", "/dev/zero"])
        _ = try daemon.cmdctl("wait", job)
        try daemon.waitUntilLeft([running])
        #expect(try daemon.status(running).state == "JOB_STATE_RUNNING")
    }
}

extension Daemon {
    /// What log and index of a job take of the disk.
    fileprivate func allocatedBytes(of job: String) throws -> Int {
        try ["log", "idx"].reduce(0) { sum, suffix in
            var status = stat()
            guard lstat("\(stateDirectory)/logs/\(job).\(suffix)", &status) == 0 else {
                throw EndToEndFailure("\(job).\(suffix) is not there")
            }
            return sum + Int(status.st_blocks) * 512
        }
    }

    /// Returns when exactly these jobs are left, in the list and on disk.
    fileprivate func waitUntilLeft(_ jobs: some Sequence<String>) throws {
        let deadline = Deadline.generous
        while true {
            let left = Set(try cmdctl("list", "-q").lines)
            // Nobody sees a job any more when its files go.
            if left == Set(jobs), jobIDs == left { return }
            guard !deadline.isOver else {
                throw EndToEndFailure("\(left) and files of \(jobIDs) are left, not \(Array(jobs))")
            }
            try letLive(milliseconds: 20)
        }
    }
}
