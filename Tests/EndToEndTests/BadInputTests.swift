import Foundation
import Testing

/// What a user can get wrong, and what the programs say.
///
/// Each sentence says what, why and what to do; the exit code tells whose fault it is; nothing has
/// changed afterwards. The codes and reasons on the wire are in Tests/EndToEnd/python.
@Suite(.timeLimit(.minutes(10)))
struct BadInputTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: Int32
        let reason: String
        /// Parts the sentence must have.
        let says: [String]
        /// Prepares, and returns what cmdctl is called with.
        let arguments: @Sendable (Daemon) throws -> [String]

        init(
            _ title: String, _ reason: String, exits code: Int32 = 125, says: String...,
            with arguments: @escaping @Sendable (Daemon) throws -> [String]
        ) {
            testDescription = title
            self.reason = reason
            self.code = code
            self.says = says
            self.arguments = arguments
        }
    }

    static let missing = "018f0000-0000-7000-8000-000000000000"

    static let aboutJobs = [
        Row("unknown id", "JOB_NOT_FOUND", says: missing, "list the jobs") { _ in
            ["stop", missing]
        },
        Row("ambiguous prefix", "JOB_AMBIGUOUS", says: "more than one", "Give more") { daemon in
            // The first digits of a version 7 identifier are the time, in units of years.
            let job = try daemon.run(["true"])
            _ = try daemon.run(["true"])
            return ["get-status", String(job.prefix(5))]
        },
        Row("ended job", "JOB_ALREADY_ENDED", says: "already ended", "status") { daemon in
            let job = try daemon.run(["true"])
            _ = try daemon.cmdctl("wait", job)
            return ["stop", job]
        },
        Row("running job", "JOB_STILL_RUNNING", says: "has not ended", "Stop it") { daemon in
            ["rm", try daemon.run(["sleep", "1000"])]
        },
        Row("name taken", "JOB_NAME_TAKEN", says: "db", "taken", "Choose another") { daemon in
            _ = try daemon.run(["sleep", "1000"], flags: ["--name", "db"])
            return ["run", "--name", "db", "--", "true"]
        },
        Row("name of bad form", "INVALID_SPEC", says: "name: A name") { _ in
            ["run", "--name", "no spaces", "--", "true"]
        },
        Row("offset beyond the end", "OFFSET_OUT_OF_RANGE", says: "12", "at most 3") { daemon in
            let job = try daemon.run(["printf", "abc"])
            _ = try daemon.cmdctl("wait", job)
            return ["get-output", "--offset", "12", job]
        },
    ]

    static let aboutPrograms = [
        Row("missing program", "PROGRAM_NOT_FOUND", exits: 127, says: "nosuchprogram") { _ in
            ["run", "--isolation", "host", "--", "nosuchprogram"]
        },
        Row("not executable", "PROGRAM_NOT_EXECUTABLE", exits: 126, says: "plain.txt") { daemon in
            let file = try daemon.directory.write("text", to: "plain.txt")
            return ["run", "--isolation", "host", "--", file]
        },
        Row("missing directory", "WORKING_DIRECTORY_UNUSABLE", says: "/nonexistent") { _ in
            ["run", "--cwd", "/nonexistent", "--", "true"]
        },
        Row("directory that is a file", "WORKING_DIRECTORY_UNUSABLE", says: "plain.txt") { daemon in
            let file = try daemon.directory.write("", to: "plain.txt")
            return ["run", "--isolation", "host", "--cwd", file, "--", "true"]
        },
        Row("relative directory", "INVALID_SPEC", says: "working_directory: The") { _ in
            ["run", "--cwd", "tmp", "--", "true"]
        },
        Row("environment entry without a name", "USAGE", exits: 64, says: "KEY=VALUE") { _ in
            ["run", "--env", "=novalue", "--", "true"]
        },
    ]

    struct Misuse: CustomTestStringConvertible, Sendable {
        let arguments: [String]
        let says: [String]

        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: String..., says: [String]) {
            self.arguments = arguments
            self.says = says
        }
    }

    static let misuses = [
        Misuse("run", "--", says: ["nothing to run"]),
        Misuse("run", says: ["nothing to run"]),
        Misuse("run", "--shell", "true", "--", "true", says: ["--shell", "one of them"]),
        Misuse("run", "-x", "ls", says: ["-x"]),
        Misuse("list", "--frobnicate", says: ["--frobnicate"]),
        Misuse("list", "--outputt", "json", says: ["--outputt", "--output"]),
        Misuse("frobnicate", says: ["frobnicate"]),
        Misuse("kill", "-s", "TREM", missing, says: ["TREM", "TERM"]),
        Misuse("stop", "--grace", "soon", missing, says: ["soon", "10s"]),
        Misuse("get-output", "--offset", "x", missing, says: ["--offset"]),
        Misuse("list", "-o", "xml", says: ["xml", "json"]),
        Misuse("stop", says: ["job"]),
    ]

    @Test(arguments: aboutJobs + aboutPrograms)
    func `bad input`(_ row: Row) throws {
        let arguments = try row.arguments(daemon)
        let before = try running()

        let told = try daemon.start(arguments).finish()
        #expect(told.code == row.code, "\(told)")
        #expect(told.text == "", "\(told)")
        for part in row.says { #expect(told.errorText.contains(part), "\(told)") }

        // The same for a program, which asks for JSON before the command of a job begins.
        let coded = try daemon.start(["-o", "json"] + arguments).finish()
        #expect(coded.errorText.contains("\"reason\":\"\(row.reason)\""), "\(coded)")
        #expect(coded.errorText.contains("\"exitCode\":\(row.code)"), "\(coded)")
        #expect(try running() == before, "what runs has not changed")
    }

    @Test(arguments: misuses)
    func `misuse`(_ misuse: Misuse) throws {
        let finished = try daemon.start(misuse.arguments).finish()
        #expect(finished.code == 64, "\(finished)")
        #expect(finished.text == "", "\(finished)")
        for part in misuse.says { #expect(finished.errorText.contains(part), "\(finished)") }
        #expect(daemon.jobIDs.isEmpty, "nothing was started")
    }

    @Test func `ten thousand arguments of a hundred bytes run`() throws {
        let word = String(repeating: "x", count: 99)
        let finished = try daemon.start(
            ["run", "--follow", "--", "sh", "-c", "echo $#", "sh"]
                + Array(repeating: word, count: 10_000)
        ).finish()
        #expect(finished.line == "10000", "\(finished.code) \(finished.errorText)")
    }

    @Test func `a server that is not there`() throws {
        let free = try Daemon()
        free.program.signal(15)
        try free.program.waitForEnd()
        let finished = try free.cmdctl("list")
        #expect(finished.code == 125, "\(finished)")
        #expect(finished.errorText.contains(free.address), "\(finished)")
        #expect(finished.errorText.contains("cmdctld"), "\(finished)")
    }

    private func running() throws -> [String] {
        try daemon.cmdctl("list", "-o", "json").text.split(separator: "\n")
            .filter { $0.contains("JOB_STATE_RUNNING") }.map(String.init)
    }
}
