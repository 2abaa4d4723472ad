import Foundation
import Testing

@testable import Jobs

/// docs/SECCOMP.md, which is made from the tables and from nothing else.
struct SystemCallPage {
    static let path = "docs/SECCOMP.md"

    let text: String

    init() {
        text = Self.opening + Self.deniedCalls + Self.exceptions + Self.allowedCalls
    }

    private static let opening = """
        # System calls

        What a job with the isolation `strict` or `image` may ask of the kernel. This page is made from the tables
        in `Sources/Jobs/Sandbox` by `scripts/generate-seccomp-page`; a test holds it to them, and another has a job
        try every call that is denied (`Tests/JobsTests/Sandbox/SystemCallTests.swift`).

        A call that is denied fails with EPERM. One that is on no list fails with ENOSYS, as on a kernel that is
        older than the call, and the C library takes another way. A call with the numbers of another architecture,
        as a 32-bit program makes, ends the process (SIGSYS).


        """

    private static let deniedCalls =
        "## Denied\n\n| What | Why | Calls |\n|---|---|---|\n"
        + SystemCallTable.denied.map {
            "| \($0.title) | \($0.reason) | \(list($0.names)) |\n"
        }.joined()

    private static let exceptions =
        "\n## Denied with some arguments\n\n| Call | With | Answer | Why |\n|---|---|---|---|\n"
        + SystemCallTable.exceptions.map {
            "| `\($0.name)` | \($0.arguments) | \($0.answer.rawValue) | \($0.reason) |\n"
        }.joined()

    private static let allowedCalls =
        "\n## Allowed\n\n\(list(SystemCallTable.allowed))\n"

    private static func list(_ names: [String]) -> String {
        names.map { "`\($0)`" }.joined(separator: " ")
    }
}

/// The page in the working copy.
@Suite struct SystemCallPageTests {
    private let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../\(SystemCallPage.path)")

    @Test func `the page says what the tables say`() throws {
        let page = SystemCallPage().text
        if ProcessInfo.processInfo.environment["CMDCTL_WRITE_PAGES"] != nil {
            try page.write(to: file, atomically: true, encoding: .utf8)
        }
        let isSame = try String(contentsOf: file, encoding: .utf8) == page
        #expect(isSame, "run scripts/generate-seccomp-page")
    }
}
