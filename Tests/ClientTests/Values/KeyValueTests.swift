import Testing

@testable import Client

/// Environment entries and labels; the method is a table.
@Suite struct KeyValueTests {
    static let own = ["HOME": "/home/me", "EMPTY": ""]

    @Test(arguments: [
        ("A=1", "A", "1"), ("A=", "A", ""), ("A=b=c", "A", "b=c"), ("HOME", "HOME", "/home/me"),
        ("EMPTY", "EMPTY", ""), ("A= x\n", "A", " x\n"),
    ])
    func `an environment entry is a pair, or a name whose value is here`(
        text: String, key: String, value: String
    ) throws {
        #expect(
            try KeyValue.environment(text, from: Self.own) == KeyValue(key: key, value: value))
    }

    @Test(arguments: [
        ("", "write KEY=VALUE"), ("=1", "write KEY=VALUE"), ("NOWHERE", "write NOWHERE=VALUE"),
    ])
    func `an environment entry without a name or a value is refused`(
        text: String, sentence: String
    ) {
        let problem = #expect(throws: UsageProblem.self) {
            try KeyValue.environment(text, from: Self.own)
        }
        #expect(problem?.description.contains(sentence) == true)
    }

    @Test func `a label needs both sides`() throws {
        #expect(try KeyValue.label("app=web") == KeyValue(key: "app", value: "web"))
        #expect(try KeyValue.label("app=") == KeyValue(key: "app", value: ""))
        #expect(throws: UsageProblem.self) { try KeyValue.label("app") }
        #expect(throws: UsageProblem.self) { try KeyValue.label("=web") }
    }

    @Test func `of two entries with one key the last wins`() throws {
        let pairs = [KeyValue(key: "A", value: "1"), KeyValue(key: "A", value: "2")]
        #expect(pairs.dictionary == ["A": "2"])
    }
}
