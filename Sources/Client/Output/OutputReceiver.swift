import JobsAPI

/// Takes the messages of a `GetOutput` stream and writes what they hold.
final class OutputReceiver: StreamReceiver {
    /// The job as the last message told it.
    private(set) var endedJob: Cmdctl_V1_Job?
    /// The offset of the first byte that has not come yet.
    private(set) var nextOffset: UInt64

    private let session: Session
    private var stamper: LineStamper?
    private var lacks = LackCount()

    /// Begins with the byte at `start`.
    init(session: Session, startingAt start: UInt64, addsTimes: Bool) {
        self.session = session
        nextOffset = start
        stamper = addsTimes ? LineStamper() : nil
    }

    /// What comes next was asked for from ``nextOffset`` on, over another connection.
    func resume() {
        lacks.resume()
    }

    /// Writes the message's bytes; `whenWritten` opens the way for as many more.
    func received(_ bytes: [UInt8], whenWritten: @escaping () -> Void) throws(Failure) {
        let message: OutputMessage
        do {
            message = try OutputMessage(bytes)
        } catch {
            throw Self.disordered("a message cannot be read")
        }
        if let end = message.end { endedJob = end.job }
        if let gap = message.gap {
            try advance(from: message.offset, by: gap.length)
            if gap.length > 0 || lacks.isNews() { return try tell(gap, of: message, whenWritten) }
        }
        guard !message.data.isEmpty else { return whenWritten() }
        try advance(from: message.offset, by: UInt64(message.data.count))
        write(message, bytes, whenWritten: whenWritten)
    }

    /// A gap stands alone in its message; the way is open for more when the user can read of it.
    private func tell(
        _ gap: Cmdctl_V1_OutputGap, of message: OutputMessage, _ whenWritten: @escaping () -> Void
    ) throws(Failure) {
        guard message.data.isEmpty else {
            throw Self.disordered("a message holds bytes and the lack of them")
        }
        session.say(gap.sentence(at: message.offset), whenWritten: whenWritten)
    }

    /// Every byte comes once and in order, or the user is told that it did not.
    private func advance(from offset: UInt64, by length: UInt64) throws(Failure) {
        guard offset == nextOffset else {
            throw Self.disordered("byte \(offset) came where byte \(nextOffset) was due")
        }
        nextOffset = offset &+ length
        if length > 0 { lacks = LackCount() }
    }

    private func write(
        _ message: OutputMessage, _ bytes: [UInt8], whenWritten: @escaping () -> Void
    ) {
        let runs = stamper == nil ? message.streamRuns : message.coveringRuns
        var start = message.data.lowerBound
        bytes.withUnsafeBytes { bytes in
            for (index, run) in runs.enumerated() {
                let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + run.length])
                start += run.length
                let isLast = index == runs.count - 1
                write(part, run, whenWritten: isLast ? whenWritten : nil)
            }
        }
    }

    private func write(
        _ part: UnsafeRawBufferPointer, _ run: OutputMessage.Run, whenWritten: (() -> Void)?
    ) {
        guard let stamped = stamper?.stamped(part, of: run.stream, at: run.time) else {
            return session.console.write(part, to: run.stream, whenWritten: whenWritten)
        }
        stamped.withUnsafeBytes {
            session.console.write($0, to: run.stream, whenWritten: whenWritten)
        }
    }

    private static func disordered(_ why: String) -> Failure {
        Failure(
            reason: "OUTPUT_DISORDERED", "the server's output makes no sense: \(why)",
            remedy: "Compare `cmdctl version --server`: are both of one version?")
    }
}

/// Counts the gaps that stand at one offset and take none of their own: who asks for the bytes from
/// there on once more is told of them once more.
private struct LackCount {
    private var told = 0
    private var seen = 0

    mutating func resume() {
        seen = 0
    }

    /// Counts one more; whether the user has not been told of it yet.
    mutating func isNews() -> Bool {
        seen += 1
        guard seen > told else { return false }
        told = seen
        return true
    }
}

extension OutputMessage {
    /// As few runs as cover the data: those of one stream that follow each other are one write.
    var streamRuns: [Run] {
        coveringRuns.reduce(into: []) { merged, run in
            if let last = merged.indices.last, merged[last].stream == run.stream {
                merged[last].length += run.length
            } else {
                merged.append(run)
            }
        }
    }
}

extension Cmdctl_V1_OutputGap {
    /// What is missing, and why.
    func sentence(at offset: UInt64) -> String {
        let why =
            switch reason {
            case .truncated: "only the newest output is kept, within the job's output limit"
            case .notWritten:
                "the server could not write them when the job did, or they had no room within the "
                    + "job's output limit"
            case .fileDamaged: "the log file is damaged"
            case .unspecified, .UNRECOGNIZED: "the server does not say why"
            }
        guard length > 0 else {
            return "\(droppedBytes) bytes at offset \(offset) are missing: \(why)"
        }
        return "\(length) bytes from offset \(offset) on are missing: \(why)"
    }
}
