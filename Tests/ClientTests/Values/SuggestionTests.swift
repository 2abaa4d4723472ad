import Testing

@testable import Client

/// What a mistyped word was probably meant to be.
@Suite struct SuggestionTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("list", "lst", 1), ("lsit", "list", 1), ("stop", "kill", 4),
        ("runn", "run", 1), ("context", "contxet", 1),
    ])
    func `the distance counts slips of the hand`(first: String, second: String, distance: Int) {
        #expect(Suggestion.distance(first, second) == distance)
        #expect(Suggestion.distance(second, first) == distance)
    }

    @Test func `only what is near is suggested`() {
        let verbs = ["run", "list", "stop", "get-output"]
        #expect(Suggestion.nearest(to: "lst", among: verbs) == "list")
        #expect(Suggestion.nearest(to: "get-otuput", among: verbs) == "get-output")
        #expect(Suggestion.nearest(to: "frobnicate", among: verbs) == nil)
        #expect(Suggestion.nearest(to: "x", among: []) == nil)
    }
}
