@testable import Client

/// A verb out of a command line, or a test failure that shows what came instead.
func parsed<Expected: Verb>(
    _ line: [String], as type: Expected.Type = Expected.self
) throws -> Expected {
    switch ParsedLine(line) {
    case .verb(let verb as Expected): return verb
    case .verb(let other): throw UnexpectedParse(text: "\(type) wanted, got \(other)")
    case .text(let text, _, let status): throw UnexpectedParse(text: "\(status): \(text)")
    }
}

struct UnexpectedParse: Error {
    let text: String
}

/// What a command line that has nothing to do tells instead.
func answer(to line: [String]) throws -> (text: String, stream: OutputStream, status: ExitStatus) {
    switch ParsedLine(line) {
    case .verb(let verb): throw UnexpectedParse(text: "a text wanted, got \(verb)")
    case .text(let text, let stream, let status): return (text, stream, status)
    }
}
