package import Reactor

/// Where in a job's output a follower begins.
package enum FollowStart: Hashable, Sendable {
    /// At the first byte.
    case beginning
    /// With what is written from now on.
    case now
    /// At this byte, counted from the first one ever written.
    case offset(UInt64)
}

/// A part of the output that one stream wrote at about one time.
package struct LogRun: Hashable, Sendable {
    /// How many bytes.
    package let length: Int
    /// Whether standard error wrote them; otherwise standard output did, or both through one pipe.
    package let isStandardError: Bool
    /// When the first byte of it was read from the job.
    package let time: Timestamp

    /// Describes a run.
    package init(length: Int, isStandardError: Bool, time: Timestamp) {
        self.length = length
        self.isStandardError = isStandardError
        self.time = time
    }
}

/// A range of a job's output: one object for all who are told of it.
package final class LogChunk {
    /// The absolute offset of its first byte.
    package let offset: UInt64
    /// The bytes, which others who follow the job may have, too.
    package let bytes: SharedBytes
    /// Which stream wrote which part, and when: in order, and covering it exactly.
    package let runs: [LogRun]

    private var head: [UInt8]?

    /// Describes a range; `bytes` are exactly what `runs` cover.
    package init(offset: UInt64, bytes: SharedBytes, runs: [LogRun]) {
        self.offset = offset
        self.bytes = bytes
        self.runs = runs
    }

    /// What is sent ahead of the bytes, the same to everybody: the first who needs it makes it.
    package func head(_ make: (LogChunk) -> [UInt8]) -> [UInt8] {
        if let head { return head }
        let made = make(self)
        head = made
        return made
    }
}

/// Bytes of a job's output that are not there.
package struct LogGap: Hashable, Sendable {
    /// Why bytes are missing.
    package enum Reason: Hashable, Sendable {
        /// The head of the log was given up to keep it within its bound.
        case truncated
        /// The bytes could not be written when the job wrote them, or had no room within the limit of
        /// its output.
        case notWritten
        /// The log or its index is shorter than it was, or unreadable.
        case fileDamaged
    }

    /// The absolute offset at which the gap begins.
    package let offset: UInt64
    /// How many offsets it covers; zero when the lost bytes never took one.
    package let length: UInt64
    /// How many bytes were dropped without taking an offset.
    package let droppedBytes: UInt64
    /// Why.
    package let reason: Reason

    /// Describes a gap.
    package init(offset: UInt64, length: UInt64, droppedBytes: UInt64 = 0, reason: Reason) {
        self.offset = offset
        self.length = length
        self.droppedBytes = droppedBytes
        self.reason = reason
    }
}

/// What a follower has to say when it is asked for more.
package enum FollowerEvent {
    /// The next bytes.
    case chunk(LogChunk)
    /// The next bytes are not there.
    case gap(LogGap)
    /// Nothing now; the follower calls ``LogFollower/onNews`` when it is worth asking again.
    case notYet
    /// That was all: with the job as it ended, or as it is now when only that was asked for.
    case end(Job)
    /// The output cannot be read on.
    case failed(JobError)
}
