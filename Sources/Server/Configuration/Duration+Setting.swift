extension Duration {
    /// Reads whole numbers with units, added up, as `90s`, `10m` or `1h30m`.
    ///
    /// Nil for what is none, is nothing, or is more than a century.
    init?(parsingSetting text: String) {
        var rest = Substring(text)
        var seconds: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let number = Int64(digits), let unit = rest.popFirst(),
                let secondsPerUnit = Duration.secondsPerUnit[unit]
            else { return nil }
            let term = number.multipliedReportingOverflow(by: secondsPerUnit)
            let sum = seconds.addingReportingOverflow(term.partialValue)
            guard !term.overflow, !sum.overflow else { return nil }
            seconds = sum.partialValue
        }
        let century: Int64 = 36_525 * 86_400
        guard (1...century).contains(seconds) else { return nil }
        self = .seconds(seconds)
    }

    private static let secondsPerUnit: [Character: Int64] = [
        "s": 1, "m": 60, "h": 3600, "d": 86_400,
    ]
}
