import Jobs

extension UInt64 {
    /// Reads a whole number of bytes, or of the units of 1024 that `K`, `M`, `G` and `T` stand for.
    ///
    /// Nil for what is none, is nothing, or has no place in a file's size.
    init?(parsingBytes text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let number = UInt64(digits), let factor = UInt64.bytesPerUnit[String(unit)] else {
            return nil
        }
        let product = number.multipliedReportingOverflow(by: factor)
        guard !product.overflow, (1...UInt64(Int64.max)).contains(product.partialValue) else {
            return nil
        }
        self = product.partialValue
    }

    private static let bytesPerUnit: [String: UInt64] = [
        "": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40,
    ]
}

extension LogLimit.FullAction {
    /// Reads the word of the settings.
    init?(setting word: String) {
        switch word {
        case "keep": self = .keepNewest
        case "drop": self = .dropNewest
        case "stop": self = .stopJob
        default: return nil
        }
    }
}

extension LogLimit {
    /// What a bound of a job's output must be, for errors.
    static let expected = "a number of bytes, as 100M or 1G, and at least 64K"

    /// Reads a bound of a job's output, which has to be of some use; nil for what is none.
    static func maxBytes(parsingSetting text: String) -> UInt64? {
        UInt64(parsingBytes: text).flatMap { $0 >= LogLimit.bytesMin ? $0 : nil }
    }
}
