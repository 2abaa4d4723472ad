extension SourceFile {
    /// Where each function begins, and how many lines it takes from `func` to its last brace.
    ///
    /// The formatter puts the closing brace in the column of the line the function begins on, so
    /// indentation tells where it ends.
    var functions: [(line: Int, length: Int)] {
        code.indices.compactMap { start in
            guard beginsFunction(code[start]) else { return nil }
            let indentation = String(code[start].prefix(while: { $0 == " " }))
            let last = code[start...].firstIndex { $0 == indentation + "}" }
            let next = code[start...].dropFirst().firstIndex {
                !$0.isEmpty && !$0.hasPrefix(indentation + " ") && !$0.hasPrefix(indentation + ")")
                    && !$0.hasPrefix(indentation + "}")
            }
            // A requirement of a protocol has no brace of its own.
            guard let last, last < next ?? code.endIndex else { return nil }
            return (start + 1, last - start + 1)
        }
    }

    private func beginsFunction(_ line: String) -> Bool {
        let words = line.split(separator: " ")
        let first = words.first { !Self.modifiers.contains($0) && !$0.hasPrefix("@") } ?? ""
        return first == "func" || first.hasPrefix("init(") || first.hasPrefix("init?(")
            || first.hasPrefix("init<")
    }

    private static let modifiers: Set<Substring> = [
        "package", "public", "internal", "private", "fileprivate", "static", "final", "override",
        "mutating", "consuming", "borrowing", "convenience", "required", "nonisolated",
    ]

    /// Lines that declare a `package` or `public` type without a documentation comment above.
    ///
    /// Types only: a member may keep a promise its protocol has documented.
    var undocumentedTypes: [Int] {
        code.indices.compactMap { index in
            guard declaresSharedType(code[index]) else { return nil }
            var above = index - 1
            while above >= 0, code[above].trimmed.hasPrefix("@") { above -= 1 }
            let isDocumented = above >= 0 && lines[above].trimmed.hasPrefix("///")
            return isDocumented ? nil : index + 1
        }
    }

    private func declaresSharedType(_ line: String) -> Bool {
        let words = line.split(separator: " ")
        guard words.first == "package" || words.first == "public" else { return false }
        let kind = words.dropFirst().first { $0 != "final" && $0 != "indirect" }
        return kind.map(Self.kindsOfType.contains) == true
    }

    private static let kindsOfType: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias",
    ]
}

extension String {
    fileprivate var trimmed: Substring { drop(while: { $0 == " " }) }
}
