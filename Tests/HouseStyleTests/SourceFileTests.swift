import Testing

/// The rules are only as good as the reading of the code they search.
@Suite struct SourceFileTests {
    @Test(arguments: [
        ("a // b", "a     "),
        ("a /* b /* c */ d */ e", "a                   e"),
        (#"f("x // y")"#, #"f("      ")"#),
        (#"f("\"x")"#, #"f("   ")"#),
        (##"f(#"a"b"#)"##, ##"f(#"   "#)"##),
        ("\"\"\"\n\"x\" // y\n\"\"\"", "\"\"\"\n        \n\"\"\""),
        ("#if DEBUG", "#if DEBUG"),
    ])
    func `comments and strings are not code`(text: String, code: String) {
        var blanker = CommentBlanker()
        #expect(blanker.blank(text) == code)
    }

    @Test func `imports are found in every form`() {
        let file = SourceFile(
            path: "Sources/Jobs/A.swift",
            text: """
                import Reactor
                package import Logging
                import struct Glibc.stat
                @testable import Server
                // import Transport
                let important = 1
                """)
        #expect(file.imports.map(\.module) == ["Reactor", "Logging", "Glibc", "Server"])
        #expect(file.room == "Jobs")
    }

    @Test func `functions are measured from their first line to their last`() {
        let file = SourceFile(
            path: "Sources/Jobs/A.swift",
            text: """
                struct A {
                    init() {
                        b = 1
                    }

                    package func wrapped(
                        _ a: Int
                    ) -> Int {
                        a
                    }
                }
                protocol P {
                    func requirement()
                }
                """)
        #expect(file.functions.map(\.line) == [2, 6])
        #expect(file.functions.map(\.length) == [3, 5])
    }

    @Test func `a type without a comment is noticed`() {
        let file = SourceFile(
            path: "Sources/Jobs/A.swift",
            text: """
                /// Documented.
                @frozen
                package struct A {
                    package enum B {}
                    /// Documented.
                    package final class C {}
                }
                """)
        #expect(file.undocumentedTypes == [4])
    }
}
