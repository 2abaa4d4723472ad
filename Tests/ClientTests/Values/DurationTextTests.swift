import Testing

@testable import Client

/// Durations as people write them; the method is a table in both directions.
@Suite struct DurationTextTests {
    @Test(arguments: [
        ("0", Duration.zero), ("0s", .zero), ("10s", .seconds(10)), ("1m30s", .seconds(90)),
        ("500ms", .milliseconds(500)), ("1.5h", .seconds(5400)), ("2d", .seconds(172_800)),
        ("250us", .microseconds(250)), ("7ns", .nanoseconds(7)), ("1h1m1s", .seconds(3661)),
    ])
    func `reads numbers with units and adds them up`(text: String, duration: Duration) throws {
        #expect(try DurationText(parsing: text).duration == duration)
    }

    @Test(arguments: [
        ("10", "It has no unit"), ("", "Write a number and a unit"), ("s", "Write a number"),
        ("10x", "There is no unit 'x'"), ("-5s", "Write a number"), ("1..5s", "Write a number"),
        ("10 s", "It has no unit"), ("1e3s", "There is no unit 'e'"), ("90000000d", "longer than"),
        ("٣s", "Write a number"), ("10s ", "Write a number"),
    ])
    func `says what is wrong with anything else`(text: String, sentence: String) {
        #expect(throws: UsageProblem.self) { try DurationText(parsing: text) }
        let problem = #expect(throws: UsageProblem.self) { try DurationText(parsing: text) }
        #expect(problem?.description.contains(sentence) == true, "\(String(describing: problem))")
    }

    @Test(arguments: [
        (Duration.seconds(10), "10s"), (.seconds(90), "1m30s"), (.seconds(3600), "1h"),
        (.seconds(3661), "1h1m"), (.seconds(90_061), "1d1h"), (.milliseconds(1500), "1s"),
        (.milliseconds(500), "500ms"), (.zero, "0ms"), (.seconds(3605), "1h"),
    ])
    func `writes the two largest units`(duration: Duration, text: String) {
        #expect(DurationText(duration).description == text)
    }
}
