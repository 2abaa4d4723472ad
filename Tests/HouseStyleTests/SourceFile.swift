/// One Swift file of the project, and what of it is code.
struct SourceFile {
    /// Relative to the root of the package: `Sources/Reactor/Buffer.swift`.
    let path: String
    let lines: [String]
    /// The same lines with comments and the insides of string literals blanked out, so that a word
    /// found here was meant for the compiler.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var blanker = CommentBlanker()
        code = blanker.blank(text).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    /// `Sources/Reactor/System/Kernel.swift` is in `Reactor`, its tests in `ReactorTests`.
    var room: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    var isGenerated: Bool { path.contains("/Generated/") }
    var isTest: Bool { path.hasPrefix("Tests/") }

    /// The rooms and libraries it imports, with the lines they are imported on.
    var imports: [(module: String, line: Int)] {
        code.enumerated().compactMap { index, line -> (module: String, line: Int)? in
            let words = line.split(separator: " ").map(String.init)
            guard let keyword = words.firstIndex(of: "import"),
                words[..<keyword].allSatisfy(Self.importPrefixes.contains),
                // `import struct Glibc.stat` names the kind first.
                let named = words[(keyword + 1)...].last
            else { return nil }
            return (String(named.prefix(while: { $0 != "." })), index + 1)
        }
    }

    private static let importPrefixes: Set<String> = [
        "package", "public", "internal", "private", "fileprivate", "@testable", "@preconcurrency",
        "@_implementationOnly",
    ]
}

/// Replaces comments and the insides of string literals with spaces, line by line.
///
/// It knows as much of Swift's grammar as that takes: nested block comments, escapes, raw and
/// multi-line strings. What an interpolation holds counts as string.
struct CommentBlanker {
    private enum State: Equatable {
        case code
        case lineComment
        case blockComment(depth: Int)
        case string(hashes: Int, multiline: Bool)
    }

    private var state = State.code

    mutating func blank(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let taken = step(bytes[index...])
            let keep = taken.keep
            for byte in bytes[index..<index + taken.count] {
                result.append(keep || byte == Self.newline ? byte : Self.space)
            }
            index += taken.count
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Takes at least one byte off the front, and says whether it is code.
    private mutating func step(_ rest: ArraySlice<UInt8>) -> (count: Int, keep: Bool) {
        switch state {
        case .code: stepInCode(rest)
        case .lineComment: stepInLineComment(rest)
        case .blockComment(let depth): stepInBlockComment(rest, depth: depth)
        case .string(let hashes, let multiline):
            stepInString(rest, hashes: hashes, multiline: multiline)
        }
    }

    private mutating func stepInCode(_ rest: ArraySlice<UInt8>) -> (count: Int, keep: Bool) {
        if rest.starts(with: "//".utf8) {
            state = .lineComment
            return (2, false)
        }
        if rest.starts(with: "/*".utf8) {
            state = .blockComment(depth: 1)
            return (2, false)
        }
        let hashes = rest.prefix(while: { $0 == Self.hash }).count
        let quoted = rest.dropFirst(hashes)
        if quoted.starts(with: "\"\"\"".utf8) {
            state = .string(hashes: hashes, multiline: true)
            return (hashes + 3, true)
        }
        if quoted.first == Self.quote {
            state = .string(hashes: hashes, multiline: false)
            return (hashes + 1, true)
        }
        return (max(hashes, 1), true)
    }

    private mutating func stepInLineComment(_ rest: ArraySlice<UInt8>) -> (count: Int, keep: Bool) {
        if rest.first == Self.newline { state = .code }
        return (1, false)
    }

    private mutating func stepInBlockComment(
        _ rest: ArraySlice<UInt8>, depth: Int
    ) -> (count: Int, keep: Bool) {
        if rest.starts(with: "/*".utf8) {
            state = .blockComment(depth: depth + 1)
            return (2, false)
        }
        if rest.starts(with: "*/".utf8) {
            state = depth == 1 ? .code : .blockComment(depth: depth - 1)
            return (2, false)
        }
        return (1, false)
    }

    private mutating func stepInString(
        _ rest: ArraySlice<UInt8>, hashes: Int, multiline: Bool
    ) -> (count: Int, keep: Bool) {
        let closing =
            Array((multiline ? "\"\"\"" : "\"").utf8)
            + Array(repeating: Self.hash, count: hashes)
        if rest.starts(with: closing) {
            state = .code
            return (closing.count, true)
        }
        let escape = [Self.backslash] + Array(repeating: Self.hash, count: hashes)
        if rest.starts(with: escape), rest.count > escape.count {
            return (escape.count + 1, false)
        }
        return (1, false)
    }

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
    private static let hash = UInt8(ascii: "#")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
}
