import JobsAPI
import SwiftProtobuf
import Testing

@testable import Client

/// Where our words end and the job's begin; the method is a table of command lines.
@Suite struct RunGrammarTests {
    @Test(arguments: [
        (["run", "ls"], ["ls"]),
        (["run", "ls", "-la"], ["ls", "-la"]),
        (["run", "--", "ls", "-la"], ["ls", "-la"]),
        (["run", "head", "--", "-n10", "f"], ["head", "--", "-n10", "f"]),
        (["run", "--", "head", "--", "-n10"], ["head", "--", "-n10"]),
        (["run", "--", "--", "x"], ["--", "x"]),
        (["run", "--", "-x"], ["-x"]),
        (
            ["run", "curl", "--cert", "a", "--server", "b"],
            ["curl", "--cert", "a", "--server", "b"]
        ),
        (["run", "--follow", "make", "--follow"], ["make", "--follow"]),
        (["run", "x", "--help"], ["x", "--help"]),
        (["run", "--name", "run", "run", "run"], ["run", "run"]),
        (["--server", "run", "run", "ls", "-o", "json"], ["ls", "-o", "json"]),
        (["run", "-e", "A=1", "--label", "b=2", "env"], ["env"]),
        (["run", "--env=A=1", "env"], ["env"]),
        (["start", "ls"], ["ls"]),
        (["run", "", "x"], ["", "x"]),
        (["run", "-", "x"], ["-", "x"]),
        (["run", "list", "--state", "running"], ["list", "--state", "running"]),
    ])
    func `the job's command is taken as it is`(line: [String], command: [String]) throws {
        #expect(try parsed(line, as: StartJob.self).command == command)
    }

    @Test(arguments: [
        (["run"], "There is nothing to run."),
        (["run", "--"], "There is nothing to run."),
        (["run", "-x", "ls"], "Unknown option '-x'"),
        (["run", "--nmae", "x", "ls"], "Did you mean '--name'?"),
        (["run", "--name"], "Missing value for '--name <name>'"),
        (["run", "--shell", "date", "ls"], "There is a line for the shell and also a program"),
        (["run", "--label", "app", "ls"], "write KEY=VALUE"),
        (["run", "--isolation", "moon", "ls"], "'moon' is invalid"),
        (["run", "--log-max", "1X", "ls"], "512M, 1.5G"),
        (["run", "--log-max", "9999999T", "ls"], "more than any file can hold"),
        (["run", "--log-full", "moon", "ls"], "'moon' is invalid"),
    ])
    func `what makes no sense is a usage error`(line: [String], sentence: String) throws {
        let (text, stream, status) = try answer(to: line)
        #expect(text.contains(sentence), "\(text)")
        #expect(stream == .standardError)
        #expect(status == .usage)
    }

    @Test func `run --help is help and not a job`() throws {
        let (text, stream, status) = try answer(to: ["run", "--help"])
        #expect(text.contains("EXAMPLES:"))
        #expect(text.contains("--follow"))
        #expect(stream == .standardOutput)
        #expect(status == .success)
    }

    @Test func `the request says what the options say`() throws {
        let run = try parsed(
            [
                "run", "--name", "web", "-e", "PORT=80", "--env", "HOME", "-l", "app=web", "--cwd",
                "/srv", "--timeout", "1m30s", "--merge", "--isolation", "host", "--request-id",
                "0192F3A4-5B6C-4D7E-8F90-A1B2C3D4E5F6",
                "serve", "-v",
            ], as: StartJob.self)
        let request = try run.request(environment: ["HOME": "/root"])
        #expect(request.requestID == "0192F3A4-5B6C-4D7E-8F90-A1B2C3D4E5F6")
        #expect(request.spec.name == "web")
        #expect(request.spec.environment == ["PORT": "80", "HOME": "/root"])
        #expect(request.spec.labels == ["app": "web"])
        #expect(request.spec.workingDirectory == "/srv")
        #expect(request.spec.mergeOutput)
        #expect(request.spec.timeout == .init(seconds: 90))
        #expect(request.spec.isolation == .host)
        #expect(request.spec.command.argv.program == "serve")
        #expect(request.spec.command.argv.arguments == ["-v"])
    }

    @Test(arguments: ["1.5G", "1.5g", "1536MiB", "1610612736"])
    func `output is bounded in the same words as memory`(text: String) throws {
        let run = try parsed(
            ["run", "--log-max", text, "--max-mem", text, "--log-full", "drop", "ls"],
            as: StartJob.self)
        let spec = try run.request(environment: [:]).spec
        #expect(spec.logLimit.maxBytes == 3 << 29 && spec.limits.memoryMaxBytes == 3 << 29)
        #expect(spec.logLimit.whenFull == .dropNewest)
    }

    @Test func `a line for the shell is one line`() throws {
        let run = try parsed(["run", "--shell", "date | wc", "--follow"], as: StartJob.self)
        #expect(run.follow)
        #expect(try run.request(environment: [:]).spec.command.shell == "date | wc")
    }

    @Test func `a variable that is not set here cannot be passed on`() throws {
        let run = try parsed(["run", "-e", "NOWHERE", "env"], as: StartJob.self)
        let failure = #expect(throws: Failure.self) { try run.request(environment: [:]) }
        #expect(failure?.exitStatus == .usage)
        #expect(failure?.description.contains("NOWHERE is not set here") == true)
    }
}
