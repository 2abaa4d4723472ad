import Logging
import Reactor

/// One line of the daemon's own log: `time=… level=… msg=… key=value …`.
///
/// Values that hold more than plain characters are quoted and escaped, so that nothing a client
/// sends can begin a line or a field.
enum LogLine {
    /// Puts a line together, its fields in the order of their names.
    static func format(
        time: Timestamp, level: Logger.Level, message: String, metadata: Logger.Metadata
    ) -> String {
        var line = "time=\(UTCTime(time)) level=\(level.rawValue) msg=\(quoted(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(quoted(value.description))"
        }
        return line
    }

    private static func quoted(_ value: String) -> String {
        if !value.isEmpty, value.utf8.allSatisfy(isPlain) { return value }
        return "\"" + value.unicodeScalars.map(escaped).joined() + "\""
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "="), UInt8(ascii: "\\"): false
        default: byte > 0x20 && byte < 0x7F
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        default:
            // Separators, controls and marks of direction would lie to whoever reads it.
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                return "\\u{\(String(scalar.value, radix: 16))}"
            default:
                return String(scalar)
            }
        }
    }
}

/// A moment as RFC 3339 writes it, in UTC and to the millisecond.
struct UTCTime: CustomStringConvertible {
    private let time: Timestamp

    init(_ time: Timestamp) {
        self.time = time
    }

    var description: String {
        let (seconds, nanoseconds) = time.secondsAndNanoseconds
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = Self.civil(daysSinceEpoch: days)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { pad($0, to: 2) }
        let date = [pad(year, to: 4), pad(month, to: 2), pad(day, to: 2)].joined(separator: "-")
        let milliseconds = pad(Int64(nanoseconds) / 1_000_000, to: 3)
        return "\(date)T\(clock.joined(separator: ":")).\(milliseconds)Z"
    }

    /// The Gregorian date of a day since 1970-01-01, for days not before it.
    ///
    /// Years are counted from March, which puts the leap day last, and in eras of 400 years.
    private static func civil(daysSinceEpoch days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}

private func pad(_ number: Int64, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
