import Reactor
import SwiftProtobuf

/// Moments, for people and for programs.
extension Timestamp {
    init(_ time: Google_Protobuf_Timestamp) {
        let (seconds, overflow) = time.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, more) = seconds.addingReportingOverflow(Int64(time.nanos))
        self.init(nanoseconds: overflow || more ? (time.seconds < 0 ? .min : .max) : sum)
    }

    /// As a message; the nanoseconds count upwards from the second below.
    var message: Google_Protobuf_Timestamp {
        let (seconds, nanos) = secondsAndNanoseconds
        return Google_Protobuf_Timestamp(seconds: seconds, nanos: Int32(nanos))
    }

    /// RFC 3339 in UTC with nine digits, always of the same width: `2026-11-21T09:30:00.000000000Z`.
    var rfc3339: String {
        "\(dateAndTime).\(secondsAndNanoseconds.1.padded(9))Z"
    }

    /// The same where fractions of a second mean nothing: `2026-11-21T09:30:00Z`.
    var rfc3339Seconds: String { dateAndTime + "Z" }

    private var dateAndTime: String {
        let seconds = secondsAndNanoseconds.0
        let days = Self.floorDivided(seconds, by: 86_400)
        let (year, month, day) = Self.civilDate(daysSinceEpoch: days)
        let second = seconds - days * 86_400
        let date = "\(year.padded(4))-\(month.padded(2))-\(day.padded(2))"
        let time = [second / 3600, second / 60 % 60, second % 60].map { $0.padded(2) }
        return "\(date)T\(time.joined(separator: ":"))"
    }

    /// How long before `now` this was: `5s ago`, `3h12m ago`; a later moment is `now`, since clocks
    /// of two hosts differ.
    func relative(to now: Timestamp) -> String {
        let seconds =
            now.nanoseconds.subtractingReportingOverflow(nanoseconds)
            .partialValue / 1_000_000_000
        return seconds < 1 ? "now" : "\(DurationText(.seconds(seconds))) ago"
    }

    /// Later by `duration`, at most the last moment there is.
    func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let nanos =
            seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
            + attoseconds / 1_000_000_000
        return Timestamp(nanoseconds: nanoseconds.addingReportingOverflow(nanos).partialValue)
    }

    private var secondsAndNanoseconds: (Int64, Int64) {
        let nanos = nanoseconds % 1_000_000_000
        let seconds = Self.floorDivided(nanoseconds, by: 1_000_000_000)
        return (seconds, nanos < 0 ? nanos + 1_000_000_000 : nanos)
    }

    private static func floorDivided(_ value: Int64, by divisor: Int64) -> Int64 {
        value / divisor - (value % divisor < 0 ? 1 : 0)
    }

    /// The proleptic Gregorian date, counted in 400-year eras that begin in March, so that the leap
    /// day is the last of its year.
    private static func civilDate(daysSinceEpoch: Int64) -> (Int64, Int64, Int64) {
        let days = daysSinceEpoch + 719_468  // 0000-03-01
        let era = floorDivided(days, by: 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    /// With zeros in front, `width` characters in all.
    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
