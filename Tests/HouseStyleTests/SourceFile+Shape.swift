extension SourceFile {
    /// Where each function begins, and how many lines it takes from `func` to its last brace.
    ///
    /// The formatter puts the closing brace in the column of the line the function begins on, so
    /// indentation tells where it ends.
    var functions: [(line: Int, length: Int)] {
        code.indices.compactMap { start in
            guard code[start].contains(#/^\s*(?:[@\w()]+ )*(?:func |init[?(<])/#) else {
                return nil
            }
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

    /// Lines that declare a `package` or `public` type without a documentation comment above.
    ///
    /// Types only: a member may keep a promise its protocol has documented.
    var undocumentedTypes: [Int] {
        code.indices.compactMap { index in
            guard code[index].contains(Self.sharedType) else { return nil }
            var above = index - 1
            while above >= 0, code[above].trimmed.hasPrefix("@") { above -= 1 }
            let isDocumented = above >= 0 && lines[above].trimmed.hasPrefix("///")
            return isDocumented ? nil : index + 1
        }
    }

    private static var sharedType: Regex<Substring> {
        #/^ *(?:package|public) (?:final |indirect )*(?:struct|class|enum|protocol|typealias) /#
    }
}

extension String {
    fileprivate var trimmed: Substring { drop(while: { $0 == " " }) }
}
