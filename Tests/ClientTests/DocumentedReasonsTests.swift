import Foundation
import Testing

/// docs/ERRORS.md names every reason that cmdctl gives by itself.
///
/// The method is to look for the reasons in the sources, so that a new one cannot be forgotten.
@Suite struct DocumentedReasonsTests {
    @Test func `every reason is documented`() throws {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        let page = try String(contentsOf: root.appending(path: "docs/ERRORS.md"), encoding: .utf8)
        let sources = root.appending(path: "Sources/Client")
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
        let silent: Set = ["INTERRUPTED", "OUTPUT_CLOSED"]  // Never printed.
        var found: Set<String> = []
        for file in files where file.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
            for match in text.matches(of: /(?:reason: |connectionLost = )"([A-Z_]+)"/) {
                found.insert(String(match.1))
            }
        }
        #expect(found.count > 10)
        for reason in found.subtracting(silent) {
            #expect(page.contains("`\(reason)`"), "\(reason)")
        }
    }
}
