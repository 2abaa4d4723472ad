import Testing

/// Files and functions a reader can take in; the method is counting.
@Suite struct ShapeTests {
    static let fileLinesMax = 400
    static let functionLinesMax = 60

    @Test func `no file grows past what one can hold in mind`() throws {
        let offences = try SourceTree.current.get().files
            .filter { $0.lines.count > Self.fileLinesMax }
            .map { Offence(path: $0.path, line: $0.lines.count, text: "is the last line") }
        #expect(offences.isEmpty, "\(offences.listed)")
    }

    @Test func `no function grows past a screen`() throws {
        let offences = try SourceTree.current.get().files.flatMap { file in
            file.functions
                .filter { $0.length > Self.functionLinesMax }
                .map { Offence(path: file.path, line: $0.line, text: "\($0.length) lines") }
        }
        #expect(offences.isEmpty, "\(offences.listed)")
    }
}
