/// Why a text does not say how much.
package struct LimitTextProblem: Error, Equatable {
    /// One sentence: what to write instead.
    package let sentence: String
}

/// Amounts as people write them, on the command line and in configurations alike.
package enum LimitText {
    private static let units: [(Character, Int)] = [("K", 10), ("M", 20), ("G", 30), ("T", 40)]

    /// Reads a number of bytes: `512M`, `1.5G`, `64KiB`, `4096`; a unit is a power of 1024.
    package static func bytes(_ text: some StringProtocol) throws(LimitTextProblem) -> UInt64 {
        var number = Substring(text)
        for suffix in ["iB", "B"] where number.hasSuffix(suffix) {
            number = number.dropLast(suffix.count)
            break
        }
        var shift = 0
        if let letter = number.last?.uppercased().first,
            let unit = units.first(where: { $0.0 == letter })
        {
            number = number.dropLast()
            shift = unit.1
        }
        guard let bytes = amount(number, times: 1 << shift) else {
            throw LimitTextProblem(
                sentence:
                    "Write a number of bytes, with K, M, G or T for powers of 1024: 512M, 1.5G.")
        }
        return bytes
    }

    /// A number of bytes in the largest unit that leaves a whole number; it reads back the same.
    package static func text(bytes: UInt64) -> String {
        for (letter, shift) in units.reversed()
        where bytes > 0 && bytes % (1 << UInt64(shift)) == 0 {
            return "\(bytes >> UInt64(shift))\(letter)"
        }
        return "\(bytes)"
    }

    /// Reads processor time in thousandths of one processor: `50%`, `1.5`, `200%`.
    package static func cpuMillis(_ text: some StringProtocol) throws(LimitTextProblem) -> UInt32 {
        let isPercentage = text.hasSuffix("%")
        let number = isPercentage ? Substring(text).dropLast() : Substring(text)
        guard let millis = amount(number, times: isPercentage ? 10 : 1000),
            let count = UInt32(exactly: millis)
        else {
            throw LimitTextProblem(
                sentence: "Write a share of one processor, as 50% or 200%, or how many, as 1.5.")
        }
        return count
    }

    /// Processor time as a percentage of one processor; it reads back the same.
    package static func text(cpuMillis: UInt32) -> String {
        let rest = cpuMillis % 10
        return rest == 0 ? "\(cpuMillis / 10)%" : "\(cpuMillis / 10).\(rest)%"
    }

    /// Reads a whole number.
    package static func count<Number: FixedWidthInteger>(
        _ text: some StringProtocol, _ type: Number.Type = Number.self
    ) throws(LimitTextProblem) -> Number {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Number(text) else {
            throw LimitTextProblem(sentence: "Write a whole number.")
        }
        return number
    }

    /// A decimal number times a factor, if that is whole enough to be meant: a fraction is cut.
    private static func amount(_ number: Substring, times factor: UInt64) -> UInt64? {
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }),
            parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let whole = UInt64(parts[0])
        else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
        guard !overflow, parts.count == 2 else { return overflow ? nil : product }
        // Nobody means more digits, and these cannot overflow: 10^6 times 2^40.
        guard parts[1].count <= 6, let digits = UInt64(parts[1]) else { return nil }
        let scale = (0..<parts[1].count).reduce(UInt64(1)) { scale, _ in scale * 10 }
        let (sum, isTooLarge) = product.addingReportingOverflow(digits * factor / scale)
        return isTooLarge ? nil : sum
    }
}
