import Jobs

/// Quantities as an operator writes them; nil for what is none.
enum Quantity {
    /// Digits and nothing else.
    static func count(_ text: String, least: Int = 0) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(text) else {
            return nil
        }
        return count >= least ? count : nil
    }

    /// What a rate must be, for errors.
    static let rateExpected = "a number for a time, as 10/s, 100/m or 1000/h"

    /// What a burst must be, for errors.
    static let burstExpected = "a whole number from 1 to \(million)"

    /// So many starts at once; more would be an age's.
    static func burst(_ text: String) -> Int? {
        count(text, least: 1).flatMap { $0 <= million ? $0 : nil }
    }

    private static let million = 1_000_000

    /// So many in a second, minute or hour, and at most a million.
    static func rate(_ text: String, burst: Int?) -> StartRate? {
        let seconds: [Substring: Int64] = ["s": 1, "m": 60, "h": 3600]
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let period = seconds[parts[1]],
            let number = count(String(parts[0]), least: 1), number <= million
        else { return nil }
        return StartRate(
            interval: .nanoseconds(period * 1_000_000_000 / Int64(number)), burst: burst ?? number)
    }
}
