import Foundation
import Testing

/// What a job reads: what its owner gave it, and nothing else.
@Suite(.timeLimit(.minutes(10)))
struct StandardInputTests {
    let daemon: Daemon

    init() throws { daemon = try Daemon() }

    @Test func `a text, a file and what cmdctl reads arrive byte for byte`() throws {
        let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
        try Data(bytes).write(to: URL(filePath: daemon.directory.path("input")))
        let file = try daemon.cmdctl("run", "--follow", "--stdin-file", "input", "--", "cat")
        #expect(file.code == 0 && file.output == bytes, "\(file.errorText)")
        let text = try daemon.cmdctl("run", "--follow", "--stdin-text", "a\nb", "--", "cat")
        #expect(text.text == "a\nb", "\(text)")
        #expect(try piped("printf 'from a pipe' |", "") == Array("from a pipe".utf8))
        #expect(try piped("", "< input") == bytes)
    }

    @Test func `without any it reads nothing`() throws {
        let finished = try daemon.cmdctl(
            "run", "--follow", "--", "sh", "-c", "readlink /proc/self/fd/0; wc -c")
        #expect(finished.lines == ["/dev/null", "0"], "\(finished)")
    }

    /// The shim is a process beside the job and must not keep what the job has read.
    @Test func `a job that has closed it holds it no longer, nor does anybody else`() throws {
        let job = try daemon.runShell(
            "read line; echo $line; exec < /dev/null; sleep 4321",
            flags: ["--stdin-text", "one\ntwo\n"])
        #expect(try daemon.start(["get-output", job]).nextLine() == "one")
        while try holders(of: job) > 0 {}
        #expect(try daemon.cmdctl("stop", job).code == 0)
    }

    @Test func `a job goes on reading when the server dies`() throws {
        let gate = Gate("gate", in: daemon.directory)
        let job = try daemon.runShell(
            "read line; echo $line; \(gate.wait); cat", flags: ["--stdin-text", "one\ntwo\n"])
        #expect(try daemon.start(["get-output", job]).nextLine() == "one")
        try daemon.restart(by: SIGKILL)
        try gate.open()
        #expect(try daemon.cmdctl("get-output", job).text == "one\ntwo\n")
    }

    @Test func `too much is refused, and two inputs are one too many`() throws {
        let large = [UInt8](repeating: 65, count: (1 << 20) + 1)
        try Data(large).write(to: URL(filePath: daemon.directory.path("large")))
        let tooMuch = try daemon.cmdctl("run", "--stdin-file", "large", "--", "cat")
        #expect(tooMuch.code == 64 && tooMuch.errorText.contains("1 MiB"), "\(tooMuch)")
        let missing = try daemon.cmdctl("run", "--stdin-file", "missing", "--", "cat")
        #expect(missing.code != 0 && missing.errorText.contains("missing"), "\(missing)")
        let both = try daemon.cmdctl(
            "run", "--stdin-text", "a", "--stdin-file", "large", "--", "cat")
        #expect(both.code == 64, "\(both)")
    }

    @Test func `another input is another request`() throws {
        let request = ["--request-id", "01890000-0000-7000-8000-000000000001"]
        let job = try daemon.run(["cat"], flags: request + ["--stdin-text", "a"])
        #expect(try daemon.run(["cat"], flags: request + ["--stdin-text", "a"]) == job)
        let other = try daemon.start(
            ["run"] + request + ["--stdin-text", "b", "--", "cat"]
        ).finish()
        #expect(other.errorText.contains("was used before"), "\(other)")
        try daemon.restart(by: SIGKILL)
        #expect(try daemon.run(["cat"], flags: request + ["--stdin-text", "a"]) == job)
    }

    private func piped(_ before: String, _ behind: String) throws -> [UInt8] {
        let words =
            [Programs.cmdctl, "--server", daemon.address] + daemon.alice.flags
            + ["run", "--follow", "--stdin-file", "-", "--", "cat"]
        let line = "\(before) \(words.joined(separator: " ")) \(behind)"
        return try RunningProgram(
            Spawn(
                path: "/bin/sh", arguments: ["-c", line],
                workingDirectory: daemon.directory.path)
        ).finish().output
    }

    /// How many processes of a job, its shim included, have the input open.
    private func holders(of job: String) throws -> Int {
        let shim = try daemon.shim(of: job)
        return (ProcessTable.descendants(of: shim) + [shim]).filter { pid in
            let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
            return (files ?? []).contains { file in
                let target = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(pid)/fd/\(file)")
                return target?.contains("cmdctl-stdin") == true
            }
        }.count
    }
}
