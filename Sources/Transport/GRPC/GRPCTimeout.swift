/// The `grpc-timeout` header: at most eight digits and a unit. (gRPC over HTTP/2, "Timeout".)
enum GRPCTimeout {
    /// Longer than any connection lives, and short enough that adding it to a clock never
    /// overflows: eight digits of hours are 11,000 years, more than 64 bits of nanoseconds hold.
    static let longest = Duration.seconds(10 * 365 * 86_400)

    private static let longestNumber: Int64 = 99_999_999

    /// Nil for text that is no timeout.
    static func parse(_ text: String) -> Duration? {
        let digits = text.utf8.dropLast()
        guard (1...8).contains(digits.count), let unit = text.utf8.last else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return duration(number, unit: unit).map { min($0, longest) }
    }

    /// In the finest unit from microseconds on that holds it, rounded up: a deadline may come late
    /// but never early.
    static func format(_ timeout: Duration) -> String {
        let timeout = min(max(timeout, .zero), longest)
        let (seconds, attoseconds) = timeout.components
        let fractions: [(perSecond: Int64, symbol: String)] = [
            (1_000_000, "u"), (1_000, "m"), (1, "S"),
        ]
        for (perSecond, symbol) in fractions where seconds < longestNumber / perSecond {
            let attosecondsPerUnit = 1_000_000_000_000_000_000 / perSecond
            let part = attoseconds / attosecondsPerUnit
            let roundedUp = attoseconds % attosecondsPerUnit > 0 ? part + 1 : part
            return "\(seconds * perSecond + roundedUp)\(symbol)"
        }
        return "\(seconds / 60 + 1)M"
    }

    private static func duration(_ number: Int64, unit: UInt8) -> Duration? {
        switch unit {
        case UInt8(ascii: "H"): .seconds(number * 3600)
        case UInt8(ascii: "M"): .seconds(number * 60)
        case UInt8(ascii: "S"): .seconds(number)
        case UInt8(ascii: "m"): .milliseconds(number)
        case UInt8(ascii: "u"): .microseconds(number)
        case UInt8(ascii: "n"): .nanoseconds(number)
        default: nil
        }
    }
}
