import Testing

@testable import Client

/// Signals by name and number; the method is a table.
@Suite struct SignalNameTests {
    @Test(arguments: [
        ("TERM", Int32(15)), ("SIGTERM", 15), ("sigterm", 15), ("15", 15), ("KILL", 9), ("hup", 1),
        ("USR1", 10), ("RTMIN", 34), ("RTMIN+1", 35), ("SIGRTMAX", 64), ("RTMAX-2", 62),
        ("64", 64), ("IOT", 6), ("POLL", 29),
    ])
    func `reads names and numbers`(text: String, number: Int32) throws {
        #expect(try SignalName(parsing: text).number == number)
    }

    @Test(arguments: [
        ("0", "from 1 to 64"), ("65", "from 1 to 64"), ("-9", "from 1 to 64"),
        ("KIL", "Did you mean KILL?"), ("SIGTREM", "Did you mean TERM?"),
        ("whatever", "Use a name such as TERM"), ("RTMIN+40", "There is no such signal"),
        ("RTMAX+1", "There is no such signal"), ("", "There is no such signal"),
    ])
    func `says what is wrong with anything else`(text: String, sentence: String) {
        let problem = #expect(throws: UsageProblem.self) { try SignalName(parsing: text) }
        #expect(problem?.description.contains(sentence) == true, "\(String(describing: problem))")
    }

    @Test func `every number is written in a form that is read again`() throws {
        for number in Int32(1)...64 where !(32...33).contains(number) {
            let name = SignalName(number: number)
            #expect(try SignalName(parsing: name.description) == name)
        }
        #expect(SignalName(number: 32).description == "signal 32")
    }
}
