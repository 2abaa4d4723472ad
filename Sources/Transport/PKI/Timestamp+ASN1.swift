import COpenSSL
import Glibc
import Reactor

extension Timestamp {
    /// Makes a timestamp of whole seconds since the Unix epoch.
    init(secondsSinceEpoch seconds: Int64) {
        self.init(nanoseconds: seconds * 1_000_000_000)
    }

    /// Whole seconds since the Unix epoch, rounded down.
    var secondsSinceEpoch: Int64 {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest < 0 ? seconds - 1 : seconds
    }

    /// The date in UTC as ISO 8601 writes it, `2026-11-21`.
    var calendarDate: String {
        var seconds = time_t(secondsSinceEpoch)
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        let numbers = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday]
        return numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "-")
    }

    /// Reads one of OpenSSL's times; 1970 if it is malformed, which is a time long gone.
    ///
    /// A certificate may say the year 9999, which is kept as the last moment there is.
    init(_ time: UnsafePointer<ASN1_TIME>?) {
        let epoch = unsafe ASN1_TIME_set(nil, 0)
        defer { unsafe ASN1_TIME_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        let isReadable = unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1
        let sinceEpoch = isReadable ? Int64(days) * 86_400 + Int64(seconds) : 0
        let (nanoseconds, overflow) = sinceEpoch.multipliedReportingOverflow(by: 1_000_000_000)
        self.init(nanoseconds: overflow ? (sinceEpoch < 0 ? .min : .max) : nanoseconds)
    }
}
