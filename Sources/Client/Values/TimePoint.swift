import Reactor
import SwiftProtobuf

/// A moment as people name it: RFC 3339, or how long ago, as `10m`.
enum TimePoint: Equatable {
    case absolute(Timestamp)
    case ago(Duration)

    init(parsing text: String) throws(UsageProblem) {
        if let duration = try? DurationText(parsing: text) {
            self = .ago(duration.duration)
            return
        }
        guard let time = try? Google_Protobuf_Timestamp(jsonString: "\"\(text)\"") else {
            throw UsageProblem(
                "Write a time as 2026-11-21T09:30:00Z, or how long ago it was, as 10m or 2d.")
        }
        self = .absolute(Timestamp(time))
    }

    /// The moment on the wall clock, for someone whose clock shows `now`.
    func resolved(at now: Timestamp) -> Timestamp {
        switch self {
        case .absolute(let time): time
        case .ago(let duration): now.advanced(by: .zero - duration)
        }
    }
}
