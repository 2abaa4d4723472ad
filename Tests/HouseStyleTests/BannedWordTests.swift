import Testing

/// Some ways of writing are left to a few named files, or to nobody.
///
/// The goal is that a reader who meets a lock, a clock or errno knows to be in the one place for
/// it; the method is a search of all code with comments and strings taken out.
@Suite struct BannedWordTests {
    @Test(arguments: BannedWord.all)
    func `code does without`(_ word: BannedWord) throws {
        let offences = try SourceTree.current.get().files.flatMap { try word.offences(in: $0) }
        #expect(offences.isEmpty, "\(word.reason)\n\(offences.listed)")
    }

    @Test(arguments: BannedWord.all)
    func `each rule finds its example and not the comment about it`(_ word: BannedWord) throws {
        let folders = ["Sources/Server", "Tests/ServerTests"]
        let found = try folders.flatMap { folder in
            try word.offences(in: SourceFile(path: "\(folder)/Sample.swift", text: word.example))
        }
        let inComment = try folders.flatMap { folder in
            try word.offences(
                in: SourceFile(path: "\(folder)/Sample.swift", text: "// " + word.example))
        }
        #expect(!found.isEmpty)
        #expect(inComment.isEmpty)
    }

    @Test func `work is not left for later in a comment`() throws {
        // Each with a hole in it, or this line would be an offence itself.
        let marks = #/\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b/#
        let offences = try SourceTree.current.get().files.flatMap { file in
            file.lines.enumerated()
                .filter { $0.element.contains(marks) }
                .map { Offence(path: file.path, line: $0.offset + 1, text: $0.element) }
        }
        #expect(offences.isEmpty, "\(offences.listed)")
    }
}

extension [Offence] {
    /// One to a line, for a failure's message.
    var listed: String { map(\.description).joined(separator: "\n") }
}
