import Testing

/// Nothing is there for show: a file says something, a test file tests, an exception is needed.
@Suite struct CompletenessTests {
    @Test func `no file is a placeholder`() throws {
        let offences = try SourceTree.current.get().files
            .filter { file in
                !file.code.contains { line in
                    line.contains(#/\b(?:struct|class|enum|protocol|extension|func|let)\b/#)
                }
            }
            .map { Offence(path: $0.path, line: 1, text: "declares nothing") }
        #expect(offences.isEmpty, "\(offences.listed)")
    }

    @Test func `every file named for tests has some`() throws {
        let offences = try SourceTree.current.get().files
            .filter { $0.isTest && $0.path.hasSuffix("Tests.swift") }
            .filter { file in !file.code.contains { $0.contains("@Test") } }
            .map { Offence(path: $0.path, line: 1, text: "tests nothing") }
        #expect(offences.isEmpty, "\(offences.listed)")
    }

    @Test func `exceptions name files that exist`() throws {
        let paths = try SourceTree.current.get().files.map(\.path)
        let missing = BannedWord.all.flatMap(\.except).filter { ending in
            !paths.contains { $0.hasSuffix(ending) }
        }
        #expect(missing.isEmpty)
    }

    @Test func `every type another room sees says what it is for`() throws {
        let offences = try SourceTree.current.get().files.filter { !$0.isTest }.flatMap { file in
            file.undocumentedTypes.map {
                Offence(path: file.path, line: $0, text: file.lines[$0 - 1])
            }
        }
        #expect(offences.isEmpty, "\(offences.listed)")
    }
}
