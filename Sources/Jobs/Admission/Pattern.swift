/// Names that somebody listed: each exactly, or with `*` for any characters but `/`, and `?` for
/// one of them.
package struct Pattern: Hashable, Sendable {
    /// As it was written.
    package let text: String

    /// Takes a text as it was written.
    package init(_ text: String) {
        self.text = text
    }

    /// Whether it stands for a name; byte by byte, since names are told apart so.
    package func matches(_ name: some Sequence<UInt8>) -> Bool {
        Self.matches(Array(name)[...], Array(text.utf8)[...])
    }

    /// Greedy, with one way back, to the last star: O(n·m) and no recursion.
    private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        let (star, mark, slash) = (UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "/"))
        var (place, next) = (name.startIndex, pattern.startIndex)
        var retry: (place: Int, next: Int)?
        while place < name.endIndex {
            if next < pattern.endIndex, pattern[next] == star {
                next += 1
                retry = (place, next)
            } else if next < pattern.endIndex,
                pattern[next] == name[place] || pattern[next] == mark && name[place] != slash
            {
                place += 1
                next += 1
            } else if let (last, after) = retry, name[last] != slash {
                place = last + 1
                next = after
                retry = (place, next)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == star }
    }
}
