import Jobs
import JobsAPI
import SwiftProtobuf
import Testing
import Transport

@testable import Server

/// Page tokens: the same job comes back, and nothing else is taken for one.
@Suite struct PageTokenTests {
    let id: JobID
    let filter = Cmdctl_V1_JobFilter.with {
        $0.states = [.running]
        $0.labels = ["a": "1", "b": "2", "c": "3"]
    }

    init() throws {
        id = try #require(JobID("0193a5e0-7c00-7abc-8def-000000000001"))
    }

    @Test func `a token comes back as it was`() throws {
        let token = PageToken(last: id, filter: filter)
        let read = try PageToken(token.text, filter: filter)
        #expect(read == token)
        #expect(read.last == id)
    }

    @Test func `the order of labels does not matter`() throws {
        let token = PageToken(last: id, filter: filter)
        var other = Cmdctl_V1_JobFilter()
        other.states = [.running]
        for key in ["c", "b", "a"] { other.labels[key] = filter.labels[key] }
        #expect(try PageToken(token.text, filter: other) == token)
    }

    @Test func `a token of another question is refused`() {
        let token = PageToken(last: id, filter: filter)
        var other = filter
        other.name = "web"
        #expect(throws: CallError.self) { try PageToken(token.text, filter: other) }
    }

    @Test func `anything but a whole token is refused`() throws {
        let text = PageToken(last: id, filter: filter).text
        let damaged = [
            "", "x", "zz", String(text.dropLast()), String(text.dropLast(2)), text + "00",
            "02" + text.dropFirst(2), String(repeating: "g", count: text.count),
            String(repeating: "ä", count: text.count), id.description,
        ]
        for token in damaged {
            let error = try #require(throws: CallError.self) {
                try PageToken(token, filter: filter)
            }
            let answer = ErrorAnswer(error)
            #expect(answer.code == .invalidArgument)
            #expect(answer.violations.map(\.field) == ["page_token"])
        }
    }
}
