import Jobs
import JobsAPI

extension UInt64 {
    /// Reads a number of bytes; nil for what is none, is nothing, or has no place in a file's size.
    init?(parsingBytes text: String) {
        guard let bytes = try? LimitText.bytes(text), (1...UInt64(Int64.max)).contains(bytes) else {
            return nil
        }
        self = bytes
    }
}

extension LogLimit.FullAction {
    /// Reads the word of the settings.
    init?(setting word: String) {
        switch LogFullWord(rawValue: word) {
        case .keep: self = .keepNewest
        case .drop: self = .dropNewest
        case .stop: self = .stopJob
        case nil: return nil
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
