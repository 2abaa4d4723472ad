import Foundation
import GRDB
import TestSupport
import Testing

/// A disk of one MiB fills up under a daemon with jobs, and has space again later.
///
/// The jobs never feel it, stops and questions are answered, starts are refused with the reason, and
/// what could not be written is made up for, all without a restart.
@Suite(.timeLimit(.minutes(10))) struct FullDiskTests {
    @Test(arguments: SmallDisk.states + SmallDisk.logs)
    func `a full disk costs starts and output only, until it has space again`(
        disk: SmallDisk
    ) throws {
        // A daemon that looks after its share of the disk would not let it fill up.
        let daemon = try Daemon(configuration: "logs_total_max: all", disk: disk)
        let writer = try Writer(daemon)
        let sleeper = try daemon.run(["sleep", "1000"])
        let ended = try daemon.runShell("head -c 100000 /dev/zero")
        #expect(try daemon.ending(of: ended) == Ending("SUCCEEDED", code: 0))
        try waitUntilEndsAreOnRecord(daemon, besides: [writer.job, sleeper])
        try daemon.fillDisk()

        try writer.writeMuch()
        try expectRefusal(of: daemon)
        #expect(try daemon.status(writer.job).state == "JOB_STATE_RUNNING")
        let stop = try daemon.cmdctl("stop", sleeper)
        #expect(stop.code == 0, "\(stop)")
        #expect(try daemon.status(sleeper).ending == Ending("STOPPED", signal: 15))
        #expect(try daemon.listing().contains(sleeper))
        let deletion = try daemon.cmdctl("rm", ended)
        #expect(deletion.code == 0, "\(deletion)")

        try daemon.makeSpace()
        try waitForStart(on: daemon)
        try writer.writeMoreAndEnd()
        #expect(try daemon.ending(of: writer.job) == Ending("SUCCEEDED", code: 0))
        try expectGap(in: writer.job, of: daemon)
        try waitUntilEndsAreOnRecord(daemon)
    }

    /// Some starts may still go well: what is nearly full has room for a small one.
    private func expectRefusal(of daemon: Daemon) throws {
        let attempts = 300
        for _ in 0..<attempts {
            let finished = try daemon.cmdctl("run", "-o", "json", "--", "true")
            guard finished.code != 0 else { continue }
            let reasons = ["STORAGE_FULL", "STORAGE_UNAVAILABLE"]
            #expect(reasons.contains { finished.errorText.contains($0) }, "\(finished)")
            return
        }
        Issue.record("\(attempts) jobs were started on a full disk")
    }

    private func waitForStart(on daemon: Daemon) throws {
        let deadline = Deadline.generous
        var finished = try daemon.cmdctl("run", "--", "true")
        while finished.code != 0 {
            guard !deadline.isOver else { throw EndToEndFailure("no start: \(finished)") }
            finished = try daemon.cmdctl("run", "--", "true")
        }
    }

    private func expectGap(in job: String, of daemon: Daemon) throws {
        let output = try daemon.cmdctl("get-output", job)
        #expect(output.errorText.contains("are missing"), "\(output.errorText)")
        #expect(output.text.hasSuffix("after\n"))
        let status = try daemon.status(job)
        #expect(status.statusMessage?.contains("could not be written") == true, "\(status)")
    }

    /// The daemon holds its database, so this looks into copies of it.
    private func waitUntilEndsAreOnRecord(
        _ daemon: Daemon, besides live: Set<String> = []
    ) throws {
        let deadline = Deadline.generous
        var missing = try jobsWithoutEnd(daemon).subtracting(live)
        while missing != [] {
            guard !deadline.isOver else { throw EndToEndFailure("not on record: \(missing)") }
            missing = try jobsWithoutEnd(daemon).subtracting(live)
        }
    }

    private func jobsWithoutEnd(_ daemon: Daemon) throws -> Set<String> {
        let copy = try TemporaryDirectory()
        for name in ["jobs.sqlite", "jobs.sqlite-wal"] {
            try FileManager.default.copyItem(
                atPath: "\(daemon.stateDirectory)/\(name)", toPath: copy.path(name))
        }
        let queue = try DatabaseQueue(path: copy.path("jobs.sqlite"))
        return try queue.read {
            try String.fetchSet($0, sql: "SELECT id FROM jobs WHERE outcome IS NULL")
        }
    }
}

/// A job that writes when it is told to, and says when it has.
private struct Writer {
    let job: String
    private let much: Gate
    private let more: Gate
    private let witness: RunningProgram

    init(_ daemon: Daemon) throws {
        let directory = daemon.directory
        much = Gate("much", in: directory)
        more = Gate("more", in: directory)
        let pipe = directory.path("witness")
        guard mkfifo(pipe, 0o600) == 0 else { throw EndToEndFailure("no pipe at \(pipe)") }
        witness = try RunningProgram(Spawn(path: "/bin/cat", arguments: [pipe]))
        job = try daemon.runShell(
            """
            echo before; \(much.wait); head -c 3000000 /dev/zero; echo written > \(pipe)
            \(more.wait); echo after
            """)
    }

    /// Returns when all of it was taken from the job.
    func writeMuch() throws {
        try much.open()
        guard try witness.nextLine() == "written" else { throw EndToEndFailure("nothing written") }
    }

    func writeMoreAndEnd() throws {
        try more.open()
    }
}
