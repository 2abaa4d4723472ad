import Foundation
import Testing

/// The documents point to things that exist.
///
/// Links are followed, and paths in code marks are looked for in the working copy.
@Suite struct DocumentTests {
    static let documents = [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/STYLE.md",
        "docs/TESTING.md", "docs/OPERATIONS.md", "docs/ERRORS.md", "docs/FORMATS.md",
        "docs/LIMITS.md", "docs/IMAGES.md", "docs/RELIABILITY.md", "docs/SECURITY.md",
        "docs/ISOLATION.md",
        "docs/SECCOMP.md", "docs/NETWORK.md", "docs/PERFORMANCE.md",
    ]

    @Test(arguments: documents)
    func `links lead somewhere`(document: String) throws {
        let text = try SourceTree.text(of: document)
        let folder = document.split(separator: "/").dropLast().joined(separator: "/")
        for link in text.matches(of: #/\]\(([^)#\s]+)[^)]*\)/#).map(\.output.1)
        where !link.contains("://") {
            let path = folder.isEmpty ? String(link) : "\(folder)/\(link)"
            #expect(SourceTree.exists(path), "\(document) links to \(link)")
        }
    }

    @Test(arguments: documents)
    func `paths that are named exist`(document: String) throws {
        let text = try SourceTree.text(of: document)
        let path = #/`((?:Benchmarks|Sources|Tests|scripts|docs|proto)\/[\w.\/+-]+)`/#
        for path in text.matches(of: path) {
            #expect(SourceTree.exists(String(path.output.1)), "\(document)")
        }
    }

    @Test(arguments: ["TransportLimits", "HTTP2/HTTP2Limits", "GRPC/GRPCLimits"])
    func `every limit of the transport is documented`(file: String) throws {
        let page = try SourceTree.text(of: "docs/LIMITS.md")
        let source = try SourceTree.text(of: "Sources/Transport/\(file).swift")
        let names = source.matches(of: #/package var (\w+)[:\s]/#).map(\.output.1)
        try #require(names.count >= 10)
        for name in names where !["http2", "grpc", "client"].contains(name) {
            #expect(page.contains("`\(name)`"), "docs/LIMITS.md does not tell of \(name)")
        }
    }

    @Test func `every promise is held by tests that exist`() throws {
        let page = try SourceTree.text(of: "docs/RELIABILITY.md")
            .replacing(#/\n +/#, with: " ")
        let groups = page.matches(of: #/((?:\*[^*]+\*,?\s+)+)\(`(Tests\/[^`]+)`\)/#)
        try #require(groups.count >= 20)
        for group in groups {
            let text = try SourceTree.text(of: String(group.output.2))
            for name in group.output.1.matches(of: #/\*([^*]+)\*/#).map(\.output.1) {
                #expect(
                    text.contains("func `\(name)`(") || text.contains("def \(name)(")
                        || text.contains("check \"\(name)\""),
                    "\(group.output.2) has no test '\(name)'")
            }
        }
    }

    @Test func `every decision is numbered and says why and at what price`() throws {
        for name in try SourceTree.names(in: "docs/decisions") {
            let text = try SourceTree.text(of: "docs/decisions/\(name)")
            let number = try #require(Int(name.prefix(4)), "\(name)")
            #expect(text.hasPrefix("# \(number). "), "\(name)")
            #expect(text.contains("**Why.**") && text.contains("**What it costs.**"), "\(name)")
        }
    }
}
