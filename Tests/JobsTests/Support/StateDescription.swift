import Logging
import Reactor

@testable import Jobs

/// The state of objects as text, private parts included: equal texts, equal futures.
///
/// What differs between runs without making a difference is left out: names of operations, timers
/// and objects, and how long things took. So is what is shared and has no state that matters.
struct StateDescription {
    private(set) var text = ""
    /// Followers know their look, and a look its followers.
    private var followers: Set<ObjectIdentifier> = []

    mutating func add(_ value: Any) {
        switch value {
        case is Token, is TimerID: text += "·"
        case let file as LogFile:
            if let look = file.sharedLook { add((look.question, look.result)) }
        case is BufferPool, is Reactor, is any Kernel, is OpenLogs, is FollowerBuffers, is Job:
            break
        case is JobLimits, is Logger, is Duration, is ObjectIdentifier, is WatchDescriptor: break
        case let follower as LogFollower:
            if followers.insert(ObjectIdentifier(follower)).inserted { addParts(of: follower) }
        case let buffer as Buffer: text += "[\(buffer.readableCount)]"
        default: addParts(of: value)
        }
    }

    private mutating func addParts(of value: Any) {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .enum || mirror.children.isEmpty { text += "\(value)".prefix(24) }
        text += "("
        for child in mirror.children { add(child.value) }
        text += ")"
    }
}
