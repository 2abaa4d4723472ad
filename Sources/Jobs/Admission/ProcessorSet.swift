/// Some of a host's processors, in the kernel's form of a list: `0-3,6`.
struct ProcessorSet: Equatable, Sendable {
    /// Kernels are built for fewer than that, CONFIG_NR_CPUS.
    private static let numberMax = 8191

    /// Their numbers.
    let members: Set<Int>

    init(_ members: Set<Int>) {
        self.members = members
    }

    /// Reads a list; nil if it is none, or an empty one.
    init?(_ text: String) {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            let numbers = ends.compactMap { ProcessorSet.number($0) }
            guard ends.count <= 2, numbers.count == ends.count, let first = numbers.first,
                let last = numbers.last, first <= last
            else { return nil }
            ranges.append(first...last)
        }
        self.init(Set(Self.joined(ranges).joined()))
    }

    /// The same numbers, each in one range only: many that overlap cost no more than one.
    private static func joined(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var joined: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, range.lowerBound <= last.upperBound + 1 {
                let end = max(last.upperBound, range.upperBound)
                joined[joined.count - 1] = last.lowerBound...end
            } else {
                joined.append(range)
            }
        }
        return joined
    }

    /// `Int` would take a sign, too.
    private static func number(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(digits), number <= numberMax
        else { return nil }
        return number
    }

    /// The shortest list that means the same.
    var text: String {
        Self.joined(members.map { $0...$0 }).map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        .joined(separator: ",")
    }
}
