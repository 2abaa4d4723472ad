import Testing

@testable import Client

/// What the parser gets to see; the method is a table.
@Suite struct CommandWordsTests {
    @Test(arguments: [
        (["run", "ls", "-la"], ["run", "--", "ls"], ["ls", "-la"]),
        (["run", "--name", "n", "--", "ls"], ["run", "--name", "n", "--", "ls"], ["ls"]),
        (
            ["-o", "json", "run", "-f", "a", "--"], ["-o", "json", "run", "-f", "--", "a"],
            ["a", "--"]
        ),
        (["run", "--"], ["run", "--"], []),
        (["run", "--name"], ["run", "--name"], []),
        (["run", "--name", "--"], ["run", "--name", "--"], []),
        (["list", "run", "x"], ["list", "run", "x"], []),
        (["version", "--server"], ["version", "--ask-server"], []),
        (
            ["pki", "issue", "--dir", "run", "server"], ["pki", "issue", "--dir", "run", "server"],
            []
        ),
        (["help", "run", "x"], ["help", "run", "x"], []),
        (["--", "run"], ["--", "run"], []),
    ])
    func `the job's words are taken away but for the program`(
        line: [String], words: [String], jobCommand: [String]
    ) throws {
        let arranged = try CommandWords.arranged(line)
        #expect(arranged == CommandWords(words: words, jobCommand: jobCommand))
    }

    @Test(.timeLimit(.minutes(10))) func `a job may have ten thousand words`() throws {
        let words = (0..<10_000).map { "--word-\($0)" }
        let run = try parsed(["run", "--", "echo"] + words, as: StartJob.self)
        #expect(run.command == ["echo"] + words)
    }
}
