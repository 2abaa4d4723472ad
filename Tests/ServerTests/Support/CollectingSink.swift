import Reactor
import Synchronization

@testable import Server

/// Keeps the daemon's log lines for a test to look at.
final class CollectingSink: LineSink {
    private let collected = Mutex<[String]>([])

    var now: Timestamp { Timestamp(nanoseconds: 0) }

    var lines: [String] { collected.withLock { $0 } }

    func write(_ line: String) {
        collected.withLock { $0.append(line) }
    }
}
