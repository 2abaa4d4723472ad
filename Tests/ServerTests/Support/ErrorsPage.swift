import FoundationEssentials
import Testing
import Transport

@testable import Server

/// The table of docs/ERRORS.md.
struct ErrorsPage {
    /// One line of it, as far as the server decides it.
    struct Row: Hashable {
        let reason: String
        let code: GRPCStatusCode
    }

    let rows: [Row]

    /// Reads the page beside the sources this test was built from.
    init(testFile: String = #filePath) throws {
        let root = testFile.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try String(contentsOfFile: "/\(root)/docs/ERRORS.md", encoding: .utf8)
        rows = try page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            let cells = line.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " || $0 == "`" }.prefix { $0 != " " && $0 != "`" })
            }
            let code = try #require(Self.codes[cells[1]], "\(line)")
            return Row(reason: cells[0], code: code)
        }
    }

    private static let codes: [String: GRPCStatusCode] = [
        "INVALID_ARGUMENT": .invalidArgument, "DEADLINE_EXCEEDED": .deadlineExceeded,
        "NOT_FOUND": .notFound, "ALREADY_EXISTS": .alreadyExists,
        "PERMISSION_DENIED": .permissionDenied, "RESOURCE_EXHAUSTED": .resourceExhausted,
        "FAILED_PRECONDITION": .failedPrecondition, "OUT_OF_RANGE": .outOfRange,
        "UNIMPLEMENTED": .unimplemented, "INTERNAL": .internal, "UNAVAILABLE": .unavailable,
        "UNAUTHENTICATED": .unauthenticated,
    ]
}
