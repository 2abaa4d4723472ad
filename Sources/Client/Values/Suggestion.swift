/// The nearest of some known words to one that is not known.
enum Suggestion {
    /// The candidate with the fewest slips of the hand, if there are few enough to be one.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let measured = candidates.map { ($0, distance(word, $0)) }
        guard let best = measured.min(by: { $0.1 < $1.1 }) else { return nil }
        let acceptable = max(1, min(word.count, best.0.count) / 2)
        return best.1 <= acceptable ? best.0 : nil
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words.
    static func distance(_ first: String, _ second: String) -> Int {
        let (left, right) = (Array(first), Array(second))
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let same = left[row] == right[column]
                var best = min(
                    last[column + 1] + 1, current[column] + 1, last[column] + (same ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
