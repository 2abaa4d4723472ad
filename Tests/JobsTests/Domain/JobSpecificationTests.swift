import Testing

@testable import Jobs

/// What can be wrong with a specification: a table, and that everything is told together.
@Suite struct JobSpecificationTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let specification: JobSpecification
        let fields: [String]

        init(_ name: String, _ specification: JobSpecification, wrong fields: String...) {
            testDescription = name
            self.specification = specification
            self.fields = fields
        }
    }

    private static let command = JobSpecification.Command.program("true", arguments: [])

    private static func named(_ name: String) -> JobSpecification {
        JobSpecification(command: command, name: name)
    }

    static let rows = [
        Row("plain", JobSpecification(command: command)),
        Row("no program", JobSpecification(command: .program("", arguments: [])), wrong: "command"),
        Row("no line", JobSpecification(command: .shell(" \n\t")), wrong: "command.shell"),
        Row(
            "NUL in the program", JobSpecification(command: .program("a\0", arguments: [])),
            wrong: "command.argv.program"),
        Row(
            "NUL in an argument",
            JobSpecification(command: .program("a", arguments: ["", "b\0c"])),
            wrong: "command.argv.arguments[1]"),
        Row("NUL in the line", JobSpecification(command: .shell("a\0")), wrong: "command.shell"),
        Row("a good name", named("Web-1.2_x")),
        Row("the longest name", named(String(repeating: "n", count: 63))),
        Row("too long a name", named(String(repeating: "n", count: 64)), wrong: "name"),
        Row("an empty name", named(""), wrong: "name"),
        Row("a name with a slash", named("a/b"), wrong: "name"),
        Row("a name that begins with a mark", named("-a"), wrong: "name"),
        Row("a name in other letters", named("jöb"), wrong: "name"),
        Row("a name like an id", named("0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f506"), wrong: "name"),
        Row(
            "environment",
            JobSpecification(command: command, environment: ["A": "=", "B B": "", "ü": "\n"])),
        Row(
            "environment names",
            JobSpecification(command: command, environment: ["": "x", "A=B": "x", "N\0": "x"]),
            wrong: "environment['']", "environment['A=B']", "environment['N\u{FFFD}']"),
        Row(
            "NUL in a value", JobSpecification(command: command, environment: ["A": "\0"]),
            wrong: "environment['A']"),
        Row(
            "a relative directory", JobSpecification(command: command, workingDirectory: "tmp"),
            wrong: "working_directory"),
        Row(
            "no directory", JobSpecification(command: command, workingDirectory: ""),
            wrong: "working_directory"),
        Row(
            "NUL in the directory",
            JobSpecification(command: command, workingDirectory: "/a\0"),
            wrong: "working_directory"),
        Row(
            "labels",
            JobSpecification(command: command, labels: ["example.com/team": "blue ü", "x": ""])),
        Row(
            "label keys", JobSpecification(command: command, labels: ["": "", "a b": ""]),
            wrong: "labels['']", "labels['a b']"),
        Row(
            "label values",
            JobSpecification(
                command: command, labels: ["a": "\n", "b": String(repeating: "v", count: 256)]),
            wrong: "labels['a']", "labels['b']"),
        Row("a time limit", JobSpecification(command: command, timeout: .nanoseconds(1))),
        Row(
            "no time at all", JobSpecification(command: command, timeout: .zero), wrong: "timeout"),
        Row(
            "more than a lifetime",
            JobSpecification(command: command, timeout: .seconds(36_526 * 86_400)),
            wrong: "timeout"),
        Row(
            "the least output that can be asked for",
            JobSpecification(command: command, logLimit: LogLimit(maxBytes: LogLimit.bytesMin))),
        Row(
            "less output than the index takes",
            JobSpecification(command: command, logLimit: LogLimit(maxBytes: 65_535)),
            wrong: "log_limit.max_bytes"),
        Row(
            "everything together",
            JobSpecification(
                command: .program("", arguments: []), name: "", environment: ["": ""],
                workingDirectory: ".", labels: ["": ""]),
            wrong: "command", "name", "environment['']", "working_directory", "labels['']"),
    ]

    @Test(arguments: rows) func `all problems are told together`(row: Row) {
        let problems = row.specification.validate()
        #expect(problems.map(\.field) == row.fields)
        #expect(problems.allSatisfy { $0.sentence.hasSuffix(".") })
    }

    @Test func `a shell line is given to sh`() {
        let command = JobSpecification.Command.shell("echo hi")
        #expect(command.program == "/bin/sh")
        #expect(command.arguments == ["-c", "echo hi"])
    }

    @Test func `tenants are told apart by bytes`() {
        let composed = Tenant(name: "\u{E9}", issuerKeyHash: [1])
        #expect(composed != Tenant(name: "e\u{301}", issuerKeyHash: [1]))
        #expect(composed != Tenant(name: "\u{E9}", issuerKeyHash: [2]))
        #expect(composed == Tenant(nameBytes: [0xC3, 0xA9], issuerKeyHash: [1]))
    }
}
