import Reactor
import SwiftProtobuf

extension Timestamp {
    /// Whole seconds since the epoch, rounded down, and the nanoseconds beyond them.
    var secondsAndNanoseconds: (seconds: Int64, nanoseconds: Int32) {
        let billion: Int64 = 1_000_000_000
        let nanos = nanoseconds % billion
        // Before the epoch, too, the nanoseconds count forward.
        let borrow: Int64 = nanos < 0 ? 1 : 0
        return (nanoseconds / billion - borrow, Int32(nanos + borrow * billion))
    }

    /// Reads a time out of a request; nil if it is none, or too far away to be counted.
    init?(validating message: Google_Protobuf_Timestamp) {
        guard (0..<1_000_000_000).contains(message.nanos) else { return nil }
        let whole = message.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let sum = whole.partialValue.addingReportingOverflow(Int64(message.nanos))
        guard !whole.overflow, !sum.overflow else { return nil }
        self.init(nanoseconds: sum.partialValue)
    }
}

extension Google_Protobuf_Timestamp {
    /// The API's form of a time.
    init(_ time: Timestamp) {
        let parts = time.secondsAndNanoseconds
        self.init(seconds: parts.seconds, nanos: parts.nanoseconds)
    }
}

extension Duration {
    /// Reads a duration out of a request; nil if it is negative or its parts disagree.
    init?(validating message: Google_Protobuf_Duration) {
        guard message.seconds >= 0, (0..<1_000_000_000).contains(message.nanos) else { return nil }
        self = .seconds(message.seconds) + .nanoseconds(Int64(message.nanos))
    }
}
